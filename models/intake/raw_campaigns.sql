{{ read_raw_table(source("raw", "campaigns"), ref("raw_headers"), ref("column_synonyms")) }}
