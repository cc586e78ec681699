"""The expression language: text to tree to meaning.

`parse` (text to surface tree), `resolve` (names and types), then the back ends: `evaluate` (the definition),
`frames` (Polars), `render` (text). `rewrite` changes trees; `monotone` reasons about them.
"""
