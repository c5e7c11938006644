"""Where facts about vulnerabilities are published."""

from __future__ import annotations

from collections.abc import Mapping

from threatstamp.core.facts.assessment import CVELIST, EPSS, GHSA, JVN, KEV, NVD, OSV, FactSource

ADDRESSES: Mapping[FactSource, str] = {
    CVELIST: "https://api.github.com/repos/CVEProject/cvelistV5/releases?per_page=60",
    NVD: "https://services.nvd.nist.gov/rest/json/cves/2.0",
    KEV: "https://www.cisa.gov/sites/default/files/feeds/known_exploited_vulnerabilities.json",
    EPSS: "https://epss.empiricalsecurity.com/epss_scores-current.csv.gz",
    JVN: "https://jvndb.jvn.jp/ja/rss/",
    OSV: "https://api.osv.dev/v1/",
    GHSA: "https://api.github.com/",
}
"""Where each source is, unless the file says otherwise."""

CVE_RECORDS = "https://cveawg.mitre.org/api/cve"
"""Where the CVE List's own service has each record, by the id at the end."""

WHOLE_SOURCES = (CVELIST, NVD, KEV, EPSS, JVN)
"""Those that publish all they have. The others are asked for one id at a time."""

EVERY: Mapping[FactSource, float] = {
    CVELIST: 3_600.0,
    NVD: 7_200.0,
    KEV: 3_600.0,
    EPSS: 21_600.0,
    JVN: 3_600.0,
}
"""Seconds between two times that a source is fetched by the clock. EPSS changes once a day, at any time."""

NVD_KEY = "NVD_API_KEY"
