"""Google Sheets: the team's spreadsheet, read and written over its API (v4)."""
