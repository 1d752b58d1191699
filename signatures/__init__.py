"""Data: rules by family, the policy, the catalogues."""
