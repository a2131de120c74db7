"""Publishing guides, loading the sample catalogue, noting searches that found nothing."""

import csv
import datetime as dt
import json
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from certificates import actions as certificates
from matters import sounds, tokens
from matters.checks import Problem, problems
from matters.coding import NATIONAL
from matters.guides import Guide
from matters.models import DirectoryEntry, GuideVersion, Matter, SearchEntry, Synonym
from matters.permissions import may_publish
from matters.scripts import fold, runs, with_traditional
from support.places.models import Agency
from support.records import actions as records
from support.records.actor import TIMER, Actor

DATA = Path(__file__).parent / "data"
FOREIGN_DIRECTORY = "guangan_qianfeng.csv", "四川省广安市前锋区"  # see data/directory/NOTICE.md
PUBLISHING = 0x6775_6964_65  # "guide"
Document = dict[str, Any]
EDITION = 1  # of the rules of `index`; rows made by earlier ones are made afresh at the next start
ACCEPTANCE = {"amount": 5, "unit": "workday", "basis": {"zh-hans": "《中华人民共和国行政许可法》第三十二条"}}


class GuideRefused(Exception):
    """The document cannot be published; `problems` says why, in words, with the path of each."""

    def __init__(self, found: list[Problem]) -> None:
        self.problems = found
        super().__init__("\n".join(map(str, found)))


def complete(matter: Matter, document: Document, at: dt.datetime | None = None) -> Document:
    """The document with what it inherits from directory and list, the terms of the law, and both scripts.

    `at`: when it is to take effect; the directory as it will then be counts, by default as its row says now.
    """
    directory = matter.directory.as_of(at) if at else matter.directory
    agency = matter.agency
    identity = {
        "catalog_code": directory.catalog_code,
        "local_catalog_code": directory.local_catalog_code,
        "task_code": matter.task_code,
        "task_type": matter.task_type,
        "regime": matter.regime,
        "use_level": directory.use_level,
        "directory_version": directory.version,
        "agency": {
            "uscc": agency.uscc,
            "name": agency.name,
            "region_code": agency.region_id,
            "level": agency.level,
            "dept_type": agency.dept_type,
        },
    }
    whole = {**document, "identity": identity}
    if matter.regime == Matter.Regime.LICENCE and isinstance(document.get("terms"), dict):
        whole["terms"] = {"acceptance": ACCEPTANCE, **document["terms"]}
    completed: Document = with_traditional(whole)
    return completed


@transaction.atomic
def publish(
    matter: Matter,
    document: Document,
    *,
    starts_at: dt.datetime,
    actor: Actor,
    now: dt.datetime,
    ends_at: dt.datetime | None = None,
) -> GuideVersion:
    """Publish a new version, in force from `starts_at` until `ends_at` or its replacement; the version then
    in force ends at that instant.

    Only the first version may begin in the past: it records what was published before the portal was.
    Raises PermissionDenied, or GuideRefused.
    """
    if not may_publish(actor, matter):
        raise PermissionDenied(_("您的岗位不能发布该机关的办事指南。"))
    listed = Matter.objects.select_related("directory", "agency")
    matter = listed.select_for_update(of=("self",)).get(pk=matter.pk)
    _in_turn()
    whole = complete(matter, document, starts_at)
    last = matter.versions.order_by("-version").first()
    found = problems(whole) + _timing(last, starts_at, now)
    if found:
        raise GuideRefused(found)
    if last:
        _close(last, starts_at, now)
    version = GuideVersion.objects.create(
        matter=matter,
        version=last.version + 1 if last else 1,
        document=whole,
        validity=DateTimeTZRange(starts_at, ends_at),
        published_at=now,
        published_by=actor.name,
    )
    index(version)
    _define_certificate(version.guide)
    records.write(
        "matters.publish",
        actor=actor,
        target=f"matters.guideversion:{version.uuid}",
        agency_id=matter.agency_id,
        details={"task_code": matter.task_code, "version": version.version, "from": starts_at.isoformat()},
        at=now,
    )
    return version


def _in_turn() -> None:
    """One publishing after the other until its end, so that who reads on by number misses none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [PUBLISHING])


def _define_certificate(guide: Guide) -> None:
    """Make the type of certificate in which the matter ends known to whoever issues it."""
    result = guide.certificate
    if result is None:
        return
    certificates.define_type(
        result.type_code,
        name=result.name,
        months=result.validity.amount if result.validity else None,
        labels={key: label for key, label, _source in result.contents},
        prefix=result.words.get("number_prefix", ""),
    )


def _timing(last: GuideVersion | None, starts_at: dt.datetime, now: dt.datetime) -> list[Problem]:
    if last is None:
        return []
    if starts_at < now:
        return [Problem("", _("新版本不能早于现在生效"))]
    if starts_at <= last.validity.lower:
        return [Problem("", _("第 %(n)s 版尚未生效，新版本应晚于它生效") % {"n": last.version})]
    return []


def _close(last: GuideVersion, ends_at: dt.datetime, now: dt.datetime) -> None:
    if last.validity.upper is None or last.validity.upper > ends_at:
        validity = DateTimeTZRange(last.validity.lower, ends_at)
        GuideVersion.objects.filter(pk=last.pk).update(validity=validity)
        SearchEntry.objects.filter(guide=last).update(validity=validity)
    SearchEntry.objects.filter(guide__matter=last.matter_id, validity__endswith__lte=now).delete()


def index(version: GuideVersion) -> SearchEntry:
    """Make the search row of a version afresh."""
    guide, matter = version.guide, version.matter
    title, body = fold(guide.name), fold(_searchable(guide))
    titles = [title, fold(guide.document["name"].get("en", ""))]
    spoken = [fold(word) for word in (guide.words.get("item", ""), *guide.words["keywords"])]
    entry, _created = SearchEntry.objects.update_or_create(
        guide=version,
        defaults={
            "validity": version.validity,
            "title_fold": title,
            "body_fold": body,
            "tsv": tokens.vector(titles, body, spoken),
            "letters": tokens.letters([*titles, *spoken]),
            "popularity": _popularity(version),
            "edition": EDITION,
            "card": _card(matter, guide),
            "region_code": matter.agency.region_id,
            "agency": matter.agency,
            "task_type": matter.task_type,
            "audiences": guide.audiences,
            "natural_themes": guide.document["themes"]["natural"],
            "legal_themes": guide.document["themes"]["legal"],
            "flags": guide.flags,
        },
    )
    return entry


def _popularity(version: GuideVersion) -> int:
    """What was counted for the matter under any version."""
    rows = SearchEntry.objects.filter(guide__matter=version.matter_id)
    return rows.aggregate(most=Max("popularity"))["most"] or 0


def index_again() -> int:
    """Make the search rows afresh that were made by earlier rules; returns how many."""
    old = SearchEntry.objects.filter(edition__lt=EDITION).order_by("pk")
    done = 0
    while entries := list(old.select_related("guide__matter__agency", "agency")[:200]):
        with transaction.atomic():
            for entry in entries:
                index(entry.guide)
        done += len(entries)
    return done


def _searchable(guide: Guide) -> str:
    """What people may search by besides the name; blanks and marks keep phrases apart."""
    words = guide.words
    parts = [words["summary"], words.get("item", ""), *words["keywords"]]
    parts += [guide.document["summary"].get("en", "")]
    parts += [material.name for material in guide.materials]
    parts += [result.name for result in guide.results]
    parts += [part for pair in words["faq"] for part in (pair["question"], pair["answer"])]
    parts += [words["identity"]["agency"]["name"], words["identity"]["task_code"], *words["conditions"]]
    return "\n".join(parts)


def _card(matter: Matter, guide: Guide) -> dict[str, Any]:
    document = guide.document
    return {
        "matter": str(matter.uuid),
        "name": document["name"],
        "summary": document["summary"],
        "terms": {name: document["terms"].get(name) for name in ("promised", "statutory")},
        "visits": document["visits"]["count"],
        "charged": document["fees"]["charged"],
        "project_type": document["project_type"],
        "apply": document["online"]["available"],
    }


def may_be_kept(folded: str) -> bool:
    """Whether a term is short, and neither a number nor an address: nobody's data."""
    return 2 <= len(folded) <= 20 and not re.search(r"[0-9]{4}|@", folded)


def note_zero_hit(term: str, *, now: dt.datetime) -> None:
    """Count a search that found nothing. A term that may be a number or a letter to us is not kept."""
    folded = fold(term)
    if not may_be_kept(folded):
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO matters_zerohit AS z (term, count, last_at) VALUES (%s, 1, %s)"
            " ON CONFLICT (term) DO UPDATE SET count = z.count + 1, last_at = excluded.last_at",
            [folded, now],
        )


@transaction.atomic
def load_samples(now: dt.datetime | None = None, *, only: Collection[str] = ()) -> int:
    """Load the synonyms and sample guides of data/; returns how many guides were published.

    Agencies must be there. A guide whose file has changed is published as a new version from `now`;
    the search rows of the others are made afresh. `only`: the names of the files wanted, without .json.
    """
    now = now or timezone.now()
    load_synonyms()
    files = sorted((DATA / "guides").glob("*.json"))
    wanted = [file for file in files if not only or file.stem in only]
    return sum(_load_guide(json.loads(file.read_text(encoding="utf-8")), now) for file in wanted)


@transaction.atomic
def load_directory() -> int:
    """Load the sample entries of data/directory as 待认领; returns how many were new or changed.

    They are another region's: they keep its codes and departments, have no 基本编码, and what the source
    does not say stays null. An entry that was suspended or cancelled here stays so.
    """
    name, source = FOREIGN_DIRECTORY
    with (DATA / "directory" / name).open(encoding="utf-8-sig", newline="") as file:
        rows = [
            (
                row["item_code"],
                row["base_code"],
                row["matter_name"],
                row["task_type"].zfill(2),
                row["department"],
            )
            for row in csv.DictReader(file)
        ]
    columns = ("source_code", "local_catalog_code", "name", "task_type", "department")
    known = set(DirectoryEntry.objects.filter(source=source).values_list(*columns))
    changed = [
        DirectoryEntry(source=source, **dict(zip(columns, row, strict=True)))
        for row in rows
        if row not in known
    ]
    DirectoryEntry.objects.bulk_create(
        changed,
        update_conflicts=True,
        unique_fields=["source_code"],
        update_fields=[*columns[1:], "source", "name_fold"],
    )
    return len(changed)


def load_synonyms() -> None:
    """Load the synonyms of data/. What people have changed or removed since stays as they left it."""
    data = json.loads((DATA / "synonyms.json").read_text(encoding="utf-8"))
    edited = set(Synonym.objects.filter(revision__gt=0).values_list("term", flat=True))
    rows = [synonym(term, words) for term, words in data.items()]
    Synonym.objects.bulk_create(
        [row for row in rows if row.term not in edited],
        update_conflicts=True,
        unique_fields=["term"],
        update_fields=["expands_to", "sounds", "initials", "letters"],
    )


def synonym(term: str, words: Sequence[str]) -> Synonym:
    """A row, not stored yet, with all that is derived from its words."""
    folded, expands_to = fold(term), [fold(word) for word in words]
    patterns = [
        f"%{said}%" if len(said := sounds.spelled(text)) >= sounds.SURE else ""
        for text in [folded, *expands_to]
    ]
    return Synonym(
        term=folded,
        expands_to=expands_to,
        sounds=patterns,
        initials="".join(sounds.initials(run) for run, cjk in runs(folded) if cjk),
        letters=tokens.letters([folded]),
    )


def _load_guide(data: dict[str, Any], now: dt.datetime) -> bool:
    matter = _matter(data["directory"], data["matter"])
    last = matter.versions.order_by("-version").first()
    if last and last.document == complete(matter, data["document"]):
        index(last)
        _define_certificate(last.guide)
        return False
    begins = now if last else dt.datetime.fromisoformat(data["in_force_from"])
    publish(matter, data["document"], starts_at=begins, actor=TIMER, now=now)
    return True


def _matter(directory: dict[str, Any], matter: dict[str, Any]) -> Matter:
    """The implementation list of one agency; its code is made as the national rules make it."""
    code = directory["catalog_code"]
    entry = DirectoryEntry.objects.filter(catalog_code=code).first()
    if entry is None or not entry.versions.exists():  # else only changes of the directory change it
        own = "" if code[:2] == NATIONAL else code[:2].ljust(12, "0")
        entry, _created = DirectoryEntry.objects.update_or_create(
            catalog_code=code, defaults={**directory, "region_code": own}
        )
    agency = Agency.objects.get(name=matter["agency"], region_id=matter["region"])
    code = f"{agency.uscc}{agency.level}{entry.catalog_code}{matter['sequence']}"
    found, _created = Matter.objects.get_or_create(
        task_code=code,
        defaults={
            "agency": agency,
            "directory": entry,
            "task_type": entry.task_type,
            "regime": matter["regime"],
        },
    )
    return found
