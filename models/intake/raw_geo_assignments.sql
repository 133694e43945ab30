{{ read_raw_table(source("raw", "geo_assignments"), ref("raw_headers"), ref("column_synonyms")) }}
