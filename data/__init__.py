"""Records: schema, plan file, import, checks, export and samples."""
