"""Tables as they are printed: what they are made of, how a cell is written, markdown, HTML, and the workbook."""
