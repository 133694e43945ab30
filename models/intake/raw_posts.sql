{{ read_raw_table(source("raw", "posts"), ref("raw_headers"), ref("column_synonyms")) }}
