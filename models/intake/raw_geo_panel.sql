{{ read_raw_table(source("raw", "geo_panel"), ref("raw_headers"), ref("column_synonyms")) }}
