"""What must be equal before and after: what the portal said, and what its database and its files hold."""

from typing import Any

from tests.drill.people import Said
from tests.portal.installation import ROOT, Portal

COUNTS: dict[str, dict[str, str]] = {
    # What still waits; all of it must come to nothing.
    "waiting": {
        "papers": "SELECT count(*) FROM documents_document WHERE next_at IS NOT NULL",
        # By night a text message waits for the morning.
        "messages": "SELECT count(*) FROM notices_delivery WHERE next_at IS NOT NULL AND (channel = 'email'"
        " OR extract(hour FROM now() AT TIME ZONE 'Asia/Shanghai') BETWEEN 7 AND 21)",
        "certificates": "SELECT count(*) FROM certificates_certificate WHERE state = '00'",
    },
    # Each of these must be zero.
    "wrong": {
        "cases without their filing event": "SELECT count(*) FROM applications_application a WHERE"
        " (SELECT count(*) FROM applications_caseevent e WHERE e.case_id = a.id AND step = 'file') <> 1",
        "cases whose events do not add up to their revision": "SELECT count(*) FROM applications_application a"
        " WHERE revision <> (SELECT count(*) FROM applications_caseevent e WHERE e.case_id = a.id)",
        "events that do not follow from the one before": "SELECT count(*) FROM (SELECT from_state, lag(to_state)"
        " OVER (PARTITION BY case_id ORDER BY id) AS earlier FROM applications_caseevent) e"
        " WHERE earlier IS NOT NULL AND earlier <> from_state",
        "steps taken twice": "SELECT count(*) FROM (SELECT 1 FROM applications_caseevent"
        " GROUP BY case_id, step HAVING count(*) > 1) e",
        "granted cases without exactly one certificate": "SELECT count(*) FROM applications_application a WHERE"
        " state = 'granted' AND (SELECT count(*) FROM certificates_certificate c WHERE c.case_number = a.number"
        " AND c.state = '01') <> 1",
        "cases without exactly one receipt": "SELECT count(*) FROM applications_application a WHERE (SELECT"
        " count(*) FROM documents_document d WHERE d.case_number = a.number AND kind = 'receipt') <> 1",
        "papers that are not ready": "SELECT count(*) FROM documents_document WHERE state <> 'ready'",
        "papers without exactly one use of a seal": "SELECT count(*) FROM documents_document d WHERE"
        " (SELECT count(*) FROM documents_sealuse u WHERE u.document_id = d.id) <> 1",
        "cases whose applicant was not told": "SELECT count(*) FROM applications_application a WHERE NOT EXISTS"
        " (SELECT 1 FROM notices_notice n WHERE n.key LIKE a.uuid || ':file:%' AND kind = 'case_received')",
        "messages given up": "SELECT count(*) FROM notices_delivery WHERE next_at IS NULL AND error <> ''",
        "deadlines that failed": "SELECT count(*) FROM applications_deadline WHERE error <> ''",
        "steps without exactly one audit event": "SELECT count(*) FROM applications_caseevent e JOIN"
        " applications_application a ON a.id = e.case_id WHERE (SELECT count(*) FROM records_auditevent r WHERE"
        " r.target = 'applications.application:' || a.uuid AND r.verb = 'case.' || e.step) <> 1",
    },
}


def compare(portal: Portal, said: Said) -> int:
    """Print both sides, line by line; 0 if they agree."""
    kept = dict(portal.ask("SELECT split_part(key, ':', 2), uuid::text FROM applications_application"))
    taken = set(portal.ask(
        "SELECT a.uuid::text, e.step FROM applications_caseevent e"
        " JOIN applications_application a ON a.id = e.case_id WHERE e.step <> 'file'"
    ))  # fmt: skip
    ready = portal.ask("SELECT count(*) FROM documents_document")[0][0]
    files = sum(1 for _ in (portal.home.path / "files" / "documents").glob("*/*/*.pdf.sealed"))
    rows: list[tuple[str, Any, Any]] = [
        ("cases filed", len(said.filed), len(kept)),
        ("the same cases under the same keys", len(said.filed), len(said.filed.items() & kept.items())),
        ("steps taken", len(said.taken), len(taken)),
        ("the same steps on the same cases", len(said.taken), len(said.taken & taken)),
        ("papers and their files", ready, files),
    ]
    rows += [(name, 0, portal.ask(query)[0][0]) for name, query in COUNTS["wrong"].items()]
    verified = portal.run(ROOT / "bin" / "manage", "verify_records")
    rows.append(("audit record verified", 0, verified.returncode))
    print(f"\n{'':<52} {'said':>7} {'found':>7}")
    for name, expected, found in rows:
        print(f"{name:<52} {expected:>7} {found:>7} {'' if expected == found else '  <<<'}")
    return 0 if all(expected == found for _name, expected, found in rows) else 1
