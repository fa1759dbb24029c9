-- A dump of the ledger names its functions by the alphabet, save where it knows that one needs another. The body of a function
-- in quotes it cannot read: a table's column that is made by `search_vector` came before `words_of`, and no dump could be
-- restored. These bodies are read when they are laid, and say the same.
CREATE OR REPLACE FUNCTION same_name(t text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_to_string(public.words_of(t), ' ');
CREATE OR REPLACE FUNCTION search_vector(t text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN array_to_tsvector(ARRAY(SELECT DISTINCT left(w, 200) FROM unnest(public.words_of(t)) AS w));
