{{ read_raw_table(source("raw", "payouts"), ref("raw_headers"), ref("column_synonyms")) }}
