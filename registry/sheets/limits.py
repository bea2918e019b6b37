"""What a table file may cost. Every bound is named here, so that an operator finds them in one place."""

MEBIBYTE = 2**20

# The file as it is sent, and what its members may unpack to.
FILE_BYTES = 64 * MEBIBYTE
MEMBERS = 1_000
DIRECTORY_BYTES = MEBIBYTE
MEMBER_BYTES = 384 * MEBIBYTE
UNPACKED_BYTES = 512 * MEBIBYTE
# Repetitive sheets pack 30 to 60 to one and deflate itself ends near 1,030; small members may pack as they like.
RATIO = 100
RATIO_APPLIES_FROM_BYTES = 4 * MEBIBYTE
# Excel writes its parts in UTF-8 and their prologue in a few hundred bytes.
PROLOGUE_BYTES = 64 * 1024
SMALL_PART_BYTES = 8 * MEBIBYTE

# The table itself; rows are Excel's own bound.
SHEETS = 50
ROWS = 1_048_576
COLUMNS = 300
# Each row of each merged range counts.
MERGED_ROWS = 100_000
CELLS = 20_000_000
CELL_CHARACTERS = 32_767
CSV_CELL_CHARACTERS = 131_072
FAULTS = 100_000

# The child process that parses a workbook.
CHILD_MEMORY_BYTES = 2_048 * MEBIBYTE
CHILD_CPU_SECONDS = 60
CHILD_WALL_SECONDS = 120
CHILD_OUTPUT_BYTES = 512 * MEBIBYTE
