"""Archives, budget and recognition: from what the user gives to single members."""
