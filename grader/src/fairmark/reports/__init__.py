"""What people read: the table and JSON, the summary page, feedback, tables of marks."""
