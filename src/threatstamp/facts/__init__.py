"""Sources of facts about vulnerabilities: one file each reads its documents."""
