{{ read_raw_table(source("raw", "influencers"), ref("raw_headers"), ref("column_synonyms")) }}
