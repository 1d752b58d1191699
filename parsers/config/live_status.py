"""The PBX as a whole: SystemStatus, the system parameters, its health and its load."""

from __future__ import annotations

from parsers.api import Sink
from parsers.config import values
from parsers.config.live import Family, Node, each, emit_settings, keys, seen
from parsers.config.live_licence import PERSONAL, emit_dates, emit_edition, emit_key
from parsers.facts.system import HostMetric, Service

OS_RANK = 60
"""``OS`` is one of three words; the support information names system and release."""

COUNTER_RANK = 75
"""``ExtensionsTotal`` may count the PBX's own extensions; ``UserExtensions`` (from 20.0.9 on) does not."""

MEMORY_FLOOR = 1 << 27
"""Less is no memory of a PBX in bytes: the unit must be another one."""

_LEFT_OUT = PERSONAL | {"CpuUsageHistory"}


def _status(node: Node, out: Sink) -> None:
    emit_dates(node, out)
    emit_key(node, out)
    emit_edition(node, out)
    seen(node, "fqdn", node.text("FQDN"), "FQDN", out)
    system = node.text("OS")
    seen(node, "os", system if system != "Other" else None, "OS", out, rank=OS_RANK)
    for name in ("Ip", "IpV4"):
        address = values.address(node.raw(name))
        if address:
            seen(node, "public_ip", address, name, out)
            break
    seen(node, "local_ip", values.address(node.raw("CurrentLocalIp")), "CurrentLocalIp", out)
    if node.count("UserExtensions") is not None:
        seen(node, "extensions", node.count("UserExtensions"), "UserExtensions", out)
    else:
        seen(node, "extensions", node.count("ExtensionsTotal"), "ExtensionsTotal", out, rank=COUNTER_RANK)
    _sizes(node, out)
    emit_settings(node, "SystemStatus", out, skip=_LEFT_OUT)


def _sizes(node: Node, out: Sink) -> None:
    seen(node, "disk_bytes", node.count("TotalDiskSpace"), "TotalDiskSpace", out)
    seen(node, "disk_free_bytes", node.count("FreeDiskSpace"), "FreeDiskSpace", out)
    memory = node.count("TotalPhysicalMemory")
    if memory is not None and memory >= MEMORY_FLOOR:
        seen(node, "memory_bytes", memory, "TotalPhysicalMemory", out)
        seen(node, "memory_free_bytes", node.count("FreePhysicalMemory"), "FreePhysicalMemory", out)


def _parameters(node: Node, out: Sink) -> None:
    """``IsHosted3CX`` false says that 3CX does not host it; whether it stands in a cloud or in the house stays open."""
    hosted = node.flag("IsHosted3CX")
    seen(node, "hosting", "hosted_by_3cx" if hosted else None, "IsHosted3CX", out)
    seen(node, "hosted_by_3cx", hosted, "IsHosted3CX", out)
    seen(node, "version", node.text("Version"), "Version", out)
    seen(node, "fqdn", node.text("FQDN"), "FQDN", out)
    seen(node, "cpu_count", node.count("ProcessorCount"), "ProcessorCount", out)
    seen(node, "public_ip", values.address(node.raw("StaticIp")), "StaticIp", out)
    licence = node.child("License")
    seen(licence, "simultaneous_calls", licence.count("MaxSimCalls"), "MaxSimCalls", out)
    emit_edition(licence, out)
    emit_settings(node, "SystemParameters", out)


def _health(node: Node, out: Sink) -> None:
    emit_settings(node, "SystemHealthStatus", out)


def _telemetry(node: Node, out: Sink) -> None:
    _sizes(node, out)
    memory = node.count("TotalPhysicalMemory")
    in_bytes = memory is not None and memory >= MEMORY_FLOOR
    out.add(
        HostMetric(
            source=node.source("Time"),
            sources=node.sources(
                cpu_pct="CpuUsage", disk_free_bytes="FreeDiskSpace", memory_free_bytes="FreePhysicalMemory"
            ),
            time=values.moment(node.raw("Time")),
            cpu_pct=node.number("CpuUsage"),
            memory_bytes=memory if in_bytes else None,
            memory_free_bytes=node.count("FreePhysicalMemory") if in_bytes else None,
            disk_bytes=node.count("TotalDiskSpace"),
            disk_free_bytes=node.count("FreeDiskSpace"),
        )
    )


def _service_load(node: Node, out: Sink) -> bool:
    name = node.text("Service")
    if name is None:
        return False
    out.add(
        Service(
            source=node.source("Service"),
            name=name,
            time=values.moment(node.raw("Time")),
            private_memory=node.count("PrivateMemory"),
            thread_count=node.count("ThreadCount"),
            process_count=node.count("ProcessCount"),
        )
    )
    return True


def _network_load(node: Node, out: Sink) -> None:
    interface = node.text("Id") or "?"
    emit_settings(node, f"NetworkTelemetry[{interface}]", out)


FAMILIES = (
    Family(
        "xapi_system_status",
        ("SystemStatus",),
        keys(
            "FQDN Version MaxSimCalls", "ExtensionsTotal TrunksTotal", "LocalIpValid", "HasNotRunningServices",
            "TrunksRegistered TrunksTotal", "ExtensionsRegistered ExtensionsTotal", "FQDN Version TotalDiskSpace",
            "FQDN Version Activated MaxSimCalls MaintenanceExpiresAt",
        ),
        each(_status),
    ),
    Family(
        "xapi_system_parameters",
        ("SystemParameters", "GetSystemParameters", "SystemInfo"),
        keys("IsHosted3CX", "IsHosted FQDN", "TunnnelPort", "Is3CXFQDN Version", "IsStaticIp StaticIp"),
        each(_parameters),
    ),
    Family(
        "xapi_health_status",
        ("SystemHealthStatus",),
        keys("CustomTemplatesCount", "UnsupportedFirmwaresCount", "Firewall Phones Trunks"),
        each(_health),
    ),
    Family(
        "xapi_telemetry",
        ("SystemTelemetry",),
        keys("CpuUsage TickCount", "CpuUsage FreePhysicalMemory Time", "FreePhysicalMemory TotalPhysicalMemory TickCount"),
        each(_telemetry),
    ),
    Family(
        "xapi_service_telemetry",
        ("ServiceTelemetry", "ProcessTelemetry"),
        keys("Service PrivateMemory", "Service ThreadCount Time"),
        each(_service_load),
    ),
    Family("xapi_network_telemetry", ("NetworkTelemetry",), keys("KbpsReceived", "KbpsSent"), each(_network_load)),
)  # fmt: skip
