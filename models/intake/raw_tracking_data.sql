{{ read_raw_table(source("raw", "tracking_data"), ref("raw_headers"), ref("column_synonyms")) }}
