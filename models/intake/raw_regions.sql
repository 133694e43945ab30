{{ read_raw_table(source("raw", "regions"), ref("raw_headers"), ref("column_synonyms")) }}
