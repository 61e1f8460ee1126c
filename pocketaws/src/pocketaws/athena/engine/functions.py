"""DuckDB macros for functions that DuckDB lacks or defines differently.

Source: Trino documentation, "Functions and operators", at the version behind Athena engine 3.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


MACROS = (
    # Out-of-range subscripts are errors. DuckDB would fold a constant error() call too early.
    """array_at(a, i) AS CASE
        WHEN i = 0 THEN error('SQL array indices start at 1' || substr(i::VARCHAR, 1, 0))
        WHEN i < 0 THEN error('Array subscript is negative: ' || i)
        WHEN i > len(a) THEN error('Array subscript must be less than or equal to array length: '
            || i || ' > ' || len(a))
        ELSE a[i] END""",
    """map_at(m, k) AS CASE
        WHEN m IS NOT NULL AND NOT map_contains(m, k) THEN error('Key not present in map: ' || k)
        ELSE m[k] END""",
    "double_quotient(a, b) AS CASE WHEN b = 0 THEN a * 'Infinity'::DOUBLE ELSE a / b END",
    """json_scalar(j, p) AS CASE
        WHEN json_valid(j) AND json_type(j::JSON, p) NOT IN ('OBJECT', 'ARRAY')
        THEN json_extract_string(j::JSON, p) END""",
    "json_part(j, p) AS CASE WHEN json_valid(j) THEN json_extract(j::JSON, p) END",
    "json_array_length_of(j) AS CASE WHEN json_type(j::JSON) = 'ARRAY' THEN json_array_length(j::JSON) END",
    "split_piece(s, d, n) AS string_split(s, d)[n]",
    "regexp_piece(s, p, g) AS CASE WHEN regexp_matches(s, p) THEN regexp_extract(s, p, g) END",
    "iso8601(t) AS strftime(t::TIMESTAMP, '%Y-%m-%dT%H:%M:%S.%gZ')",
    "host_of(u) AS nullif(regexp_extract(u, '^[A-Za-z][A-Za-z0-9+.-]*://(?:[^/?#@]*@)?([^/?#:]*)', 1), '')",
)

# Trino functions that DuckDB has under the same name.
SAME = _words(
    """
    ABS CEILING CHR CODEPOINT DEGREES E HAMMING_DISTANCE INFINITY IS_FINITE IS_INFINITE IS_NAN NAN PI
    RADIANS BIT_COUNT BITWISE_AND BITWISE_OR BITWISE_XOR MAP_VALUES MILLISECOND NORMALIZE ARRAY_SORT
    JSON_ARRAY_LENGTH TO_ISO8601 URL_EXTRACT_HOST ANY_MATCH ALL_MATCH NONE_MATCH
    """
)

# Real Trino functions that aren't emulated, so that their error differs from a typo's.
MISSING = _words(
    """
    AT_TIMEZONE PARSE_DATETIME FORMAT_DATETIME URL_EXTRACT_PATH URL_EXTRACT_QUERY URL_EXTRACT_PARAMETER
    URL_EXTRACT_PROTOCOL URL_EXTRACT_PORT URL_EXTRACT_FRAGMENT URL_ENCODE URL_DECODE JSON_ARRAY_GET
    JSON_ARRAY_CONTAINS JSON_SIZE EVERY CHECKSUM MAP_AGG MULTIMAP_AGG HISTOGRAM MAP_FILTER
    TRANSFORM_KEYS TRANSFORM_VALUES ARRAYS_OVERLAP FROM_BASE TO_BASE WIDTH_BUCKET SOUNDEX
    HUMAN_READABLE_SECONDS ZIP ZIP_WITH MAP_FROM_ENTRIES MAP_ENTRIES MAP_CONCAT NUMERIC_HISTOGRAM
    APPROX_MOST_FREQUENT WORD_STEM LUHN_CHECK PARSE_DURATION WITH_TIMEZONE TIMEZONE_HOUR SPLIT_TO_MAP
    SPLIT_TO_MULTIMAP COMBINATIONS NGRAMS ARRAY_EXCEPT ARRAY_UNION ARRAY_REMOVE SHUFFLE REPEAT
    FORMAT FORMAT_NUMBER CONCAT_WS REDUCE_AGG IS_JSON_SCALAR REGEXP_COUNT REGEXP_POSITION REGEXP_SPLIT
    REGEXP_EXTRACT_ALL BITWISE_NOT BITWISE_AND_AGG BITWISE_OR_AGG COSINE_SIMILARITY XXHASH64 HMAC_SHA256
    """
)
