{{ read_raw_table(source("raw", "products"), ref("raw_headers"), ref("column_synonyms")) }}
