"""The support zip of V20: ``ExtraLogging``, ``DbTables``, ``Logs``, ``LinuxLogs`` (docs/formats.md says how well each is known)."""

from __future__ import annotations

import csv
import io

from sample_bundles.builder.site import DAY, FQDN, LOCAL_HOUR, Site

BOM = "\ufeff"
STAMP = "265712173000"
GIB = 1 << 30
SLASHED = DAY.replace("-", "/")


def files(site: Site) -> dict[str, bytes]:
    """Member name to content, in the order of the zip."""
    made = {
        f"ExtraLogging/tcxSystemInfo_{STAMP}.txt": _system_info(site),
        f"ExtraLogging/Health_{STAMP}.txt": f"{BOM}Firewall check: OK\nSIP trunks: OK\nDNS check: OK\n",
        f"ExtraLogging/tcxNslookup_{STAMP}.txt": _nslookup(site),
        "DbTables/eventlog.csv": _event_log(site),
        "DbTables/tsdb.system.csv": _host_load(site),
        "DbTables/tsdb.services.csv": _service_load(),
        **_logs(site),
    }
    if not site.windows:
        made[f"ExtraLogging/tcxVirtWhat_{STAMP}.txt"] = f"{BOM}kvm\n"
        made["LinuxLogs/auth.log"] = (
            "Nov 12 06:25:01 hollybrook CRON[1022]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)\n"
        )
    prefix = f"{site.parent_folder}/" if site.parent_folder else ""
    return {prefix + name: text.encode() for name, text in made.items()}


def _system_info(site: Site) -> str:
    return (
        f"{BOM}System Info\n\n[General]\n"
        f"ProcessorCount = {site.cpus}\nTotalDiskSpace = {site.disk_gb} GB\nFreeDiskSpace = {site.disk_free_gb} GB\n"
        f"TotalPhysicalMemory = {site.memory_gb} GB\nFreePhysicalMemory = {site.memory_free_gb} GB\nOSDescription = {site.os}\n"
        f"\n[3CX PhoneSystem Info]\nNumber of Extensions = {site.extensions}\nNumber of Queues = 1\nNumber of RingGroups = 2\n"
        f"Number of IVRs = 1\nVERSION = {site.version}\n"
        + (
            ""
            if site.windows
            else f"\nArchitecture:  x86_64\nCPU(s):        {site.cpus}\nModel name:    Example CPU 2.40GHz\n"
        )
    )


def _nslookup(site: Site) -> str:
    if site.windows:
        return f"{BOM}Server:  router.example.com\r\nAddress:  192.168.40.1\r\n\r\nName:    {FQDN}\r\nAddress:  192.0.2.40\r\n"
    return f"{BOM}Server:\t\t192.168.40.1\nAddress:\t192.168.40.1#53\n\nName:\t{FQDN}\nAddress: 192.0.2.40\n"


def _event_log(site: Site) -> str:
    ordinary = [
        (f"{DAY} 01:00:09.118203+00", "10031", "A backup of your PBX has been successfully completed.", "Web Manager", "Error"),
        (f"{DAY} 02:30:00.000411+00", "10027", "Database maintenance completed", "System", "Info"),
        (f"{DAY} 07:44:51.704001+00", "10029", "Provisioning file for MAC 0200C0000065 of user 101 was successfully generated", "Web Manager", "Error"),
    ]  # fmt: skip
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["timegenerated", "eventid", "message", "source", "severity"])
    writer.writerows(sorted([*ordinary, *site.events]))
    return BOM + out.getvalue()


def _host_load(site: Site) -> str:
    rows = "".join(
        f"{DAY} {hour:02d}:02:00.039293+00,{6 + hour % 5}.4,0,0,{int(site.memory_gb * GIB)},{int(site.memory_free_gb * GIB)},"
        f"{site.disk_gb * GIB},{site.disk_free_gb * GIB},{1000 + hour}\n"
        for hour in range(6, 17)
    )
    return (
        "time,cpu_usage,total_virt_mem,free_virt_mem,total_phys_mem,free_phys_mem,total_disk_space,free_disk_space,tick_count\n"
        + rows
    )


def _service_load() -> str:
    rows = "".join(f"{DAY} 16:02:00+00,{index},{48_000_000 + 1_000_000 * index},{5 + index},1\n" for index in range(16))
    return "time,service,private_memory,thread_count,process_count\n" + rows


def _logs(site: Site) -> dict[str, str]:
    hour = 15 + LOCAL_HOUR
    service = [
        f"{SLASHED} {hour}:00:0{n}.10{n}|00{20 + n}|Info| [Example.Scheduler] Task {n} finished" for n in range(6)
    ]
    if site.verbose:
        for n in range(12):
            stamp = f"{SLASHED} {hour}:0{n // 6 + 1}:{n % 6}0.200"
            ended = f"{DAY} 15:0{n // 6 + 1}:{n % 6}0.150000"
            service += [
                f"{stamp}|0031|Trac| CHR: [DBSaver] Executing SQL:",
                "                CALL public.sp_chr__save_example(",
                f"{stamp}|0031|Trac| CHR: [CallFlowParser] Processing Record: CallDBId={{{n + 1}}}; EndTime={{{ended}}};",
            ]
    made = {
        "3cxSystemService.log": service,
        "3CXCallFlow.log": [
            f"{SLASHED} {hour}:00:12.004|0004|Info| [_3CX.ScriptRunner] CallStorageSize=1(1)",
            f"{SLASHED} {hour}:01:30.119|0004|Info| [_3CX.ScriptRunner] CallStorageSize=0(0)",
        ],
        f"3CXMediaServer.{DAY}.log": [
            f"#Date: {SLASHED}",
            f"{hour}:00:12.300|7f21c46c46c0| Info|MSServer.cpp(210): Session created",
        ],
    }
    for name, lines in site.log_lines.items():
        made[name] = [*made.get(name, []), *lines]
    return {f"Logs/{name}": "\n".join(lines) + "\n" for name, lines in made.items()}
