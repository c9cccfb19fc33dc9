-- Gives every chapter the typst form that book.typ defines: headings, figures, tables with column
-- widths that fit the page, equations and callouts.

local here

-- Markup inside the pieces of typst that this filter writes itself. One call of pandoc's writer costs as much as
-- a hundred cells, so a piece leaves a slot behind and all of them are written at once when the book is through.
local pieces = pandoc.List {}
local SLOT = { utf8.char(0xF0000), utf8.char(0xF0001) } -- private use: no text of a report holds them

local function write(blocks)
  pieces:insert(blocks)
  return SLOT[1] .. #pieces .. SLOT[2]
end

local function write_inlines(inlines)
  return write { pandoc.Plain(inlines) }
end

local function quoted(text)
  return '"' .. text:gsub('\\', '\\\\'):gsub('"', '\\"') .. '"'
end

local function label(id)
  return id ~= '' and (' <' .. id .. '>') or ''
end

local function raw(text)
  return pandoc.RawBlock('typst', text)
end

local function rooted(path)
  if path:match('^%a+:') or path:match('^/') then return path end
  local folder = here:match('^(.*)/[^/]*$') or ''
  local parts = pandoc.List {}
  for part in (folder .. '/' .. path):gmatch('[^/]+') do
    if part == '..' then parts:remove(#parts) elseif part ~= '.' then parts:insert(part) end
  end
  return '/' .. table.concat(parts, '/')
end

local function header(element)
  local number = element.attributes.number or ''
  if number ~= '' and element.level == 1 then number = element.attributes.label end
  local title = write_inlines(element.content)
  return raw(('#book-heading(%d, %s, [%s])%s\n'):format(element.level, quoted(number), title, label(element.identifier)))
end

local function find_image(figure)
  local found
  pandoc.Div(figure.content):walk { Image = function(img) found = found or img end }
  return found
end

local function figure(element)
  local img = find_image(element)
  if not img then return nil end
  local alt = img.attributes['fig-alt'] or pandoc.utils.stringify(img.caption)
  local width = img.attributes.width or '100%'
  if not width:match('^%d+%.?%d*%%$') then width = '100%' end
  local caption = #element.caption.long > 0 and ('[' .. write(element.caption.long) .. ']') or 'none'
  return raw(('#book-figure(%s, width: %s, alt: %s, caption: %s)%s\n'):format(
    quoted(rooted(img.src)), width, quoted(alt), caption, label(element.identifier)))
end

local function display_width(text)
  local width = 0
  for _, char in utf8.codes(text) do width = width + (char >= 0x2E80 and 2 or 1) end
  return width
end

-- A heading may take two lines, broken at its spaces.
local function heading_width(text)
  local longest = 0
  for word in text:gmatch('%S+') do longest = math.max(longest, display_width(word)) end
  return math.max(longest, math.ceil(display_width(text) / 2))
end

local function number_like(text)
  return text:match('^[%s%d%.,%%%+%-–—−±()%[%]<>=≤≥～~*/×]*$') ~= nil
end

local function body_rows(tbl)
  local rows = pandoc.List {}
  for _, body in ipairs(tbl.bodies) do rows:extend(body.body) end
  return rows
end

-- Per column: the widest cell, the widest unbreakable header part, and whether the cells are numbers; and the
-- length of all cells. Cells are read once each: every access to one copies it out of pandoc.
local function measures(tbl, rows)
  local columns, length = {}, 0
  for index = 1, #tbl.colspecs do columns[index] = { widest = 0, head = 0, numeric = true, digits = false } end
  for _, row in ipairs(rows) do
    local cells = row.cells
    for index, column in ipairs(columns) do
      local text = cells[index] and pandoc.utils.stringify(cells[index].contents) or ''
      local width = display_width(text)
      column.widest, length = math.max(column.widest, width), length + width
      column.numeric = column.numeric and number_like(text)
      column.digits = column.digits or text:match('%d') ~= nil
    end
  end
  for _, row in ipairs(tbl.head.rows) do
    local cells = row.cells
    for index, column in ipairs(columns) do
      column.head = math.max(column.head, heading_width(pandoc.utils.stringify(cells[index].contents)))
    end
  end
  for _, column in ipairs(columns) do column.numeric = column.numeric and column.digits end
  return columns, length
end

local PAGE_UNITS = 92 -- half-width characters of 0.54 em that fit the text width at the table's normal size
local ROOM = 30 -- half-width characters that a column of sentences needs
local PADDING = 3

-- Columns keep their natural width; when the table is too wide for the page, the widest text columns share
-- what the others leave, wider ones first, until the rest fits.
local function column_widths(columns)
  local natural, total = {}, 0
  for index, column in ipairs(columns) do
    natural[index] = math.max(column.widest, column.head) + PADDING
    total = total + natural[index]
  end
  local order = {}
  for index, column in ipairs(columns) do
    if not column.numeric and column.widest > 14 then order[#order + 1] = index end
  end
  table.sort(order, function(a, b)
    return natural[a] ~= natural[b] and natural[a] > natural[b] or natural[a] == natural[b] and a < b
  end)
  local widths, rest, shared, room = {}, total, 0, 0
  for _, index in ipairs(order) do
    if rest + room <= PAGE_UNITS then break end
    widths[index] = ('%.1ffr'):format(math.sqrt(math.min(natural[index], 120)))
    rest, shared, room = rest - natural[index], shared + 1, room + math.min(natural[index], ROOM)
  end
  for index in ipairs(columns) do
    -- beside a column that takes what is left, one of automatic width would not break its heading
    widths[index] = widths[index] or (shared > 0 and ('%.2fem'):format(natural[index] * 0.54) or 'auto')
  end
  return widths, rest + shared * 16
end

local ALIGN = { AlignLeft = 'left', AlignRight = 'right', AlignCenter = 'center' }

local function alignments(tbl, columns)
  local result = {}
  for index, spec in ipairs(tbl.colspecs) do
    result[index] = ALIGN[spec[1]] or (columns[index].numeric and 'right' or 'left')
  end
  return result
end

local NO_BREAK = utf8.char(0xA0)

-- A number stays on one line: "80.0 ± 1.2" must not break at its spaces.
local function unbroken(blocks)
  return pandoc.Div(blocks):walk { Space = function() return pandoc.Str(NO_BREAK) end }.content
end

local function cells(rows, columns)
  local result = pandoc.List {}
  for _, row in ipairs(rows) do
    for index, cell in ipairs(row.cells) do
      local blocks = columns and columns[index].numeric and unbroken(cell.contents) or cell.contents
      result:insert('[' .. write(blocks) .. ']')
    end
  end
  return result
end

local function text_size(needed)
  if needed > PAGE_UNITS * 1.25 then return '6.5pt' end
  if needed > PAGE_UNITS * 1.12 then return '7.5pt' end
  return needed > PAGE_UNITS and '8pt' or '9pt'
end

-- A table that is long by its rows or by its text goes over the page; a short one stays whole.
local function breakable(rows, length)
  return #rows > 12 or length > 1500
end

local function list(values)
  return '(' .. table.concat(values, ', ') .. ',)'
end

local function table_block(tbl)
  local rows = body_rows(tbl)
  local columns, length = measures(tbl, rows)
  local widths, needed = column_widths(columns)
  local caption = #tbl.caption.long > 0 and ('[' .. write(tbl.caption.long) .. ']') or 'none'
  return raw(('#book-table(\n  columns: %s,\n  align: %s,\n  size: %s,\n  breakable: %s,\n  caption: %s,\n  header: %s,\n  %s\n)%s\n'):format(
    list(widths), list(alignments(tbl, columns)), text_size(needed), breakable(rows, length) and 'true' or 'false',
    caption, #tbl.head.rows > 0 and list(cells(tbl.head.rows)) or '()',
    table.concat(cells(rows, columns), ',\n  '), label(tbl.identifier)))
end

local function equation(div)
  local body = write(div.content[1] and { div.content[1] } or {})
  return raw(('#book-equation("%s", [%s])%s\n'):format(div.attributes.number, body, label(div.identifier)))
end

local function div_block(div)
  if div.classes:includes('equation') then return equation(div) end
  if div.identifier == 'refs' then
    div.content:insert(1, raw('#reference-list['))
    div.content:insert(raw(']'))
    return div
  end
  if div.classes:includes('table-note') then
    return pandoc.Blocks { raw(('#table-note[%s]\n'):format(write(div.content))) }
  end
  if not div.classes:includes('callout') then return nil end
  local blocks = pandoc.Blocks {
    raw(('#callout("%s", [%s])['):format(div.attributes.kind, write_inlines(div.content[1].content[1].content))),
  }
  blocks:extend(div.content[2].content)
  blocks:insert(raw(']\n'))
  return blocks
end

local function strong_link(link)
  if link.classes:includes('crossref') or link.target:match('^#') or link.target:match('^https?:') then return nil end
  return link.content -- a link to another file of the site leads nowhere from a PDF
end

local function chapter_blocks(chapter)
  here = chapter.attributes.file
  local title_label = chapter.attributes.label or ''
  local shaped = chapter:walk {
    traverse = 'topdown',
    Header = function(element)
      if element.level == 1 then element.attributes.label = title_label end
      return header(element)
    end,
    Link = strong_link,
  }
  return shaped:walk { Figure = figure, Table = table_block, Div = div_block }.content
end

local function written_pieces()
  local blocks = pandoc.Blocks {}
  for _, piece in ipairs(pieces) do
    blocks:extend(piece)
    blocks:insert(raw(SLOT[1]))
  end
  local text = pandoc.write(pandoc.Pandoc(blocks), 'typst-citations', { wrap_text = 'none' })
  local written = {}
  for piece in (text .. '\n'):gmatch('(.-)' .. SLOT[1] .. '\n') do
    written[#written + 1] = piece:match('^%s*(.-)%s*$')
  end
  return written
end

local function fill_slots(doc)
  local written = written_pieces()
  local function filled(text)
    return (text:gsub(SLOT[1] .. '(%d+)' .. SLOT[2], function(slot) return filled(written[tonumber(slot)]) end))
  end
  return doc:walk { RawBlock = function(block) return raw(filled(block.text)) end }
end

function Pandoc(doc)
  local blocks = pandoc.Blocks {}
  for _, chapter in ipairs(doc.blocks) do blocks:extend(chapter_blocks(chapter)) end
  return fill_slots(pandoc.Pandoc(blocks))
end
