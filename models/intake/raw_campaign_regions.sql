{{ read_raw_table(source("raw", "campaign_regions"), ref("raw_headers"), ref("column_synonyms")) }}
