-- Words of a query are matched in two places, the demand's own words and its scenario's. These functions split the work so
-- that both have an index. They name their schema as those of the indexes do.

-- The words of a query that have to be found: those of three letters or more, or all where none is that long.
CREATE FUNCTION search_words_v1(t text) RETURNS SETOF text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT DISTINCT left(w, 200) FROM unnest(public.words_of(t)) AS w
  WHERE length(w) >= 3 OR NOT EXISTS (SELECT FROM unnest(public.words_of(t)) AS o WHERE length(o) >= 3)
$$;

-- Some word that has to be found, by prefix: what a scenario may contribute. NULL without words.
CREATE FUNCTION search_any_v1(t text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT string_agg('''' || w || ''':*', ' | ')::tsquery FROM public.search_words_v1(t) AS w
$$;

-- What is left to be found in a demand once its scenario has contributed these words. NULL when nothing is.
CREATE FUNCTION search_rest_v1(t text, found tsvector) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT string_agg('''' || w || ''':*', ' & ')::tsquery FROM public.search_words_v1(t) AS w
  WHERE NOT found @@ ('''' || w || ''':*')::tsquery
$$;

-- Every word of a query, the short ones too, as prefixes or whole: what a match is ranked by. NULL without words.
CREATE FUNCTION search_rank_v1(t text, is_prefix boolean) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT string_agg('''' || w || '''' || CASE WHEN is_prefix THEN ':*' ELSE '' END, ' | ')::tsquery
  FROM (SELECT DISTINCT left(w, 200) AS w FROM unnest(public.words_of(t)) AS w) AS words
$$;
