{{ read_raw_table(source("raw", "geo_experiments"), ref("raw_headers"), ref("column_synonyms")) }}
