-- Shapes the book for Word: chapters with native numbering, captions and references as fields, tables with widths,
-- pictures as the renderer drew them. What pandoc's writer has no form for is raw openxml; what must be done to the
-- written document is told to analysis.publish.book.embedded.docx by processing instructions.
-- The wording comes from the JSON file named by the metadata field "settings".

package.path = pandoc.path.join { pandoc.path.directory(PANDOC_SCRIPT_FILE), '?.lua' }

local paper = require 'paper'
local tables = require 'tables'
local crossref = require 'crossref'
local citations = require 'citations'
local typst = require 'typst'

local settings
local next_id = 100000 -- of a bookmark; pandoc counts its own from 1
local entries = pandoc.List {}

local NO_BREAK = utf8.char(0xA0)
local ESCAPES = { ['&'] = '&amp;', ['<'] = '&lt;', ['>'] = '&gt;', ['"'] = '&quot;' }

local function escaped(text)
  return (text:gsub('[&<>"]', ESCAPES))
end

local function raw(text)
  return pandoc.RawInline('openxml', text)
end

local function raw_block(text)
  return pandoc.RawBlock('openxml', text)
end

local function styled(blocks, style)
  return pandoc.Div(blocks, pandoc.Attr('', {}, { ['custom-style'] = style }))
end

local function run(text)
  return text == '' and '' or ('<w:r><w:t xml:space="preserve">%s</w:t></w:r>'):format(escaped(text))
end

local function field_char(kind)
  return ('<w:r><w:fldChar w:fldCharType="%s"/></w:r>'):format(kind)
end

local function field_begin(code)
  return field_char('begin') .. ('<w:r><w:instrText xml:space="preserve"> %s </w:instrText></w:r>'):format(escaped(code))
    .. field_char('separate')
end

local function field(code, shown)
  return field_begin(code) .. run(shown) .. field_char('end')
end

-- The name of a bookmark: Word takes letters, digits and underscores, forty at most.
local function bookmark(id)
  local name = '_' .. id:gsub('[^%w]', '_')
  return #name <= 40 and name or name:sub(1, 31) .. '_' .. pandoc.utils.sha1(id):sub(1, 8)
end

local function marked(id, xml)
  if id == '' then return xml end
  next_id = next_id + 1
  return ('<w:bookmarkStart w:id="%d" w:name="%s"/>%s<w:bookmarkEnd w:id="%d"/>'):format(next_id, bookmark(id), xml, next_id)
end

-- What stands before and after the number in a wording such as "Figure %s".
local function around(wording)
  local before, after = wording:match('^(.*)%%s(.*)$')
  return before, after
end

-- The number in `text` that a wording has put there, or nil.
local function number_in(text, wording)
  local before, after = around(wording)
  if #text <= #before + #after or text:sub(1, #before) ~= before or text:sub(#text - #after + 1) ~= after then return nil end
  local number = text:sub(#before + 1, #text - #after)
  return number:match('^[%w.]+$') and number or nil
end

-- "3.1" as the number of the chapter and one that counts within it. The first of a chapter says that it is: of the ways
-- to begin again with a chapter, it is the one that other programs than Word follow.
local function counted(number, label)
  local chapter, own = number:match('^(.*)%.(%d+)$')
  local restart = (own or number) == '1' and ' \\r 1' or ''
  local count = field(('SEQ %s \\* ARABIC%s'):format(label, restart), own or number)
  return (chapter and (field('STYLEREF 1 \\s', chapter) .. run('.')) or '') .. count
end

local function caption_label(text, wording, id)
  local before, after = around(wording)
  local label = before:match('^%s*(.-)[%s(]*$')
  return raw(marked(id, run(before) .. counted(number_in(text, wording), label) .. run(after)))
end

local function with_label(caption, wording, id)
  local inlines = caption.long[1] and caption.long[1].content
  if not inlines or not inlines[1] or inlines[1].t ~= 'Span' then return caption end
  inlines[1] = caption_label(pandoc.utils.stringify(inlines[1]), wording, id)
  return caption
end

local function reference(link)
  local id, text = link.target:sub(2), pandoc.utils.stringify(link.content)
  local name, kind = bookmark(id), id:match('^(%a+)%-')
  if kind ~= 'sec' then
    local number = number_in(text, settings[kind])
    if number and kind == 'eq' then -- the bookmark holds the number alone
      local before, after = around(settings.eq)
      return raw(run(before) .. field(('REF %s \\h'):format(name), number) .. run(after))
    end
    if number then return raw(field(('REF %s \\h'):format(name), text)) end
    link.target = '#' .. name
    return link
  end
  local number = number_in(text, settings.sec)
  if number and number:find('.', 1, true) then
    local before, after = around(settings.sec)
    return raw(run(before) .. field(('REF %s \\r \\h'):format(name), number) .. run(after))
  end
  local is_chapter = number_in(text, settings.ch) or number_in(text, settings.app)
  return raw(field((is_chapter and 'REF %s \\r \\h' or 'REF %s \\h'):format(name), text))
end

local function link(element)
  if element.classes:includes('source') then return element.content end
  if element.classes:includes('crossref') then return reference(element) end
  if element.target:match('^#') or element.target:match('^https?:') then return nil end
  return element.content -- a link to another file of the site leads nowhere from a document
end

local function header(element, kind)
  local number = element.attributes.number or ''
  element.attributes.number = nil
  local numbering = number == '' and 'none' or (kind == 'appendix' and 'appendix' or 'chapter')
  if element.level <= 2 then
    entries:insert {
      level = element.level,
      name = bookmark(element.identifier),
      number = number ~= '' and element.level == 1 and settings[kind == 'appendix' and 'app' or 'ch']:format(number) or number,
      title = pandoc.utils.stringify(element.content),
    }
  end
  next_id = next_id + 1
  local name = bookmark(element.identifier)
  element.content:insert(1, raw(('<?heading %s?><w:bookmarkStart w:id="%d" w:name="%s"/>'):format(numbering, next_id, name)))
  element.content:insert(raw(('<w:bookmarkEnd w:id="%d"/>'):format(next_id)))
  if not element.classes:includes('profile') then return element end
  return pandoc.Blocks { raw_block('<w:p><w:r><w:br w:type="page"/></w:r></w:p>'), element }
end

local function image(img)
  local alt = img.attributes['fig-alt'] or pandoc.utils.stringify(img.caption)
  local name = img.src:match('([^/]+)%.svg$')
  local drawn = name and settings.pictures[name]
  if drawn then img.src = drawn.path end
  img.caption = { pandoc.Str(alt) }
  img.attr = pandoc.Attr('', {}, drawn and { width = drawn.width .. 'in', height = drawn.height .. 'in' } or {})
  return img
end

local function figure(element)
  element.caption = with_label(element.caption, settings.fig, element.identifier)
  return element
end

local SIZES = { 9, 8, 7 } -- points of a table's text
local LINE = 860 -- half-width characters of one point, 0.54 em wide, that fit the width of the page
local LEAST = 16 -- half-width characters that a column of sentences needs
local BOLD = 1.15 -- headings are bold: by so much wider
local PADDING = 3.5

-- Widths in half-width characters when each column has all that it could use, and the columns that may break lines.
local function natural_widths(columns)
  local widths, flexible = {}, {}
  for index, column in ipairs(columns) do
    local widest = column.rigid and not column.numeric and math.ceil(column.widest * 0.9) or column.widest
    widths[index] = math.max(widest, math.ceil(column.head * BOLD), 3) + PADDING
    flexible[index] = not (column.numeric or column.rigid) and column.widest > 14
  end
  return widths, flexible
end

local function needed(widths, flexible)
  local sum = 0
  for index, width in ipairs(widths) do sum = sum + (flexible[index] and math.min(width, LEAST) or width) end
  return sum
end

-- The columns that may break lines share what the others leave, wider ones by the root of what they could use.
local function fitted(widths, flexible, room)
  local open, rest, result = {}, room, {}
  for index, width in ipairs(widths) do
    result[index] = width
    if flexible[index] then open[index] = true else rest = rest - width end
  end
  local again = next(open) ~= nil
  while again do
    local weights, sum = {}, 0
    again = false
    for index in ipairs(widths) do
      if open[index] then
        weights[index] = math.sqrt(math.min(widths[index], 120))
        sum = sum + weights[index]
      end
    end
    for index in ipairs(widths) do
      if open[index] and rest * weights[index] / sum >= widths[index] then
        open[index], again, rest = nil, true, rest - widths[index]
        break
      elseif open[index] then
        result[index] = rest * weights[index] / sum
      end
    end
  end
  return result
end

-- Shares of the page's width by column, and the size of the text in points.
local function column_shares(columns)
  local widths, flexible = natural_widths(columns)
  local size = SIZES[#SIZES]
  for _, candidate in ipairs(SIZES) do
    if needed(widths, flexible) <= LINE / candidate then
      size = candidate
      break
    end
  end
  local room, total = LINE / size, 0
  for _, width in ipairs(widths) do total = total + width end
  local shown = total > room and fitted(widths, flexible, room) or widths
  local sum = 0
  for _, width in ipairs(shown) do sum = sum + width end
  local whole = math.max(sum, room * 0.4) -- a table of two short columns is no stub
  return pandoc.List(shown):map(function(width) return width / sum * math.min(whole / room, 1) end), size
end

-- A number stays on one line: "80.0 ± 1.2" must not break at its spaces.
local function unbroken(cell)
  cell.contents = pandoc.Div(cell.contents):walk { Space = function() return pandoc.Str(NO_BREAK) end }.content
end

local function keep_numbers_whole(rows, texts, columns)
  for at, row in ipairs(rows) do
    for index, cell in ipairs(row.cells) do
      if columns[index].numeric and texts[at][index]:find(' ', 1, true) then unbroken(cell) end
    end
  end
end

local function table_blocks(tbl)
  local texts = tables.body_texts(tbl)
  local columns = typst.measures(tbl, texts)
  local shares, size = column_shares(columns)
  local plain = tbl.attributes.kept ~= nil -- set aside because its cells hold nothing to walk through
  keep_numbers_whole(tables.body_rows(tbl), texts, columns)
  tbl.head, tbl.bodies = tables.head(tbl), tables.bodies(tbl)
  tbl.attributes.kept = nil
  local specs = {}
  for index, spec in ipairs(tbl.colspecs) do
    local align = spec[1]
    if align == 'AlignDefault' then align = columns[index].numeric and 'AlignRight' or 'AlignLeft' end
    specs[index] = { align, shares[index] }
  end
  tbl.colspecs = specs
  tbl.caption = with_label(tbl.caption, settings.tbl, tbl.identifier)
  tbl.identifier = ''
  return pandoc.Blocks { raw_block(('<?table size="%s"?>'):format(size)), tbl }, not plain
end

local function equation(div)
  local number = div.attributes.number
  local label = around(settings.eq):match('^%s*(.-)[%s(]*$')
  local shown = raw(run('(') .. marked(div.identifier, counted(number, label)) .. run(')'))
  local simple = pandoc.SimpleTable({}, { 'AlignLeft', 'AlignCenter', 'AlignRight' }, { 0.1, 0.8, 0.1 },
    {}, { { {}, { div.content[1] }, { pandoc.Plain { shown } } } })
  return pandoc.Blocks { raw_block('<?table equation?>'), pandoc.utils.from_simple_table(simple) }
end

local actions = 0

-- The front: what is found or to be done stands out, and what it rests on stands back.
local function span(element)
  local shown = paper.span(element)
  if shown then return shown end
  local function is(class) return element.classes:includes(class) end
  if is('action') then
    actions = actions + 1
    return pandoc.Strong(pandoc.Inlines { pandoc.Str(actions .. '.'), pandoc.Space() } .. element.content)
  end
  if is('finding') or is('better') or is('worse') then return pandoc.Strong(element.content) end
  if is('basis') or is('owner') then
    return pandoc.Span(element.content, pandoc.Attr('', {}, { ['custom-style'] = 'Basis' }))
  end
end

local function div_blocks(div)
  if div.classes:includes('web-only') then return {} end
  if div.classes:includes('front-number') then return styled(div.content, 'Front Number') end
  if div.classes:includes('equation') then return equation(div) end
  if div.classes:includes('front-reading') then return styled(div.content, 'Table Note') end
  if div.classes:includes('table-note') or div.classes:includes('figure-note') then return styled(div.content, 'Table Note') end
  if not div.classes:includes('callout') then return nil end
  return pandoc.Blocks {
    styled({ pandoc.Para(div.content[1].content[1].content) }, 'Callout Title'),
    styled(div.content[2].content, 'Callout'),
  }
end

local function chapter_blocks(chapter)
  local kind = chapter.attributes.kind
  return chapter:walk {
    traverse = 'topdown', -- a table is measured before its references become fields
    Header = function(element) return header(element, kind) end,
    Span = span, Link = link, Image = image, Figure = figure, Table = table_blocks, Div = div_blocks,
  }.content
end

-- The contents as a field with its entries: they are there before Word counts the pages, and lead to their headings.
local function contents()
  local lines = pandoc.List {
    '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/></w:docPartObj>'
      .. '</w:sdtPr><w:sdtContent>',
    ('<w:p><w:pPr><w:pStyle w:val="TOCHeading"/></w:pPr>%s</w:p>'):format(run(settings.contents)),
  }
  for place, entry in ipairs(entries) do
    local text = entry.number == '' and entry.title or entry.number .. '  ' .. entry.title
    lines:insert(('<w:p><w:pPr><w:pStyle w:val="TOC%d"/></w:pPr>%s<w:hyperlink w:anchor="%s" w:history="1">%s</w:hyperlink></w:p>'):format(
      entry.level, place == 1 and field_begin('TOC \\o "1-2" \\h \\z \\u') or '', entry.name, run(text)))
  end
  lines:insert(('<w:p>%s</w:p></w:sdtContent></w:sdt>'):format(field_char('end')))
  return raw_block(table.concat(lines, '\n'))
end

local function read_settings(path)
  local file = assert(io.open(path))
  local read = pandoc.json.decode(file:read('a'), false)
  file:close()
  return read
end

local function metadata()
  local meta = { lang = settings.tag }
  for _, key in ipairs { 'title', 'subtitle', 'author', 'date' } do
    if settings.cover[key] ~= '' then meta[key] = pandoc.Inlines { pandoc.Str(settings.cover[key]) } end
  end
  return meta
end

function Pandoc(doc)
  settings = read_settings(pandoc.utils.stringify(doc.meta.settings))
  doc = crossref.resolved(tables.set_aside(doc), settings)
  doc = citations.set(doc, settings.lang)
  local body = pandoc.Blocks {}
  for _, chapter in ipairs(doc.blocks) do body:extend(chapter_blocks(chapter)) end
  local front = pandoc.Blocks {}
  if settings.cover.notice ~= '' then
    front:insert(styled({ pandoc.Para { pandoc.Str(settings.cover.notice) } }, 'Notice'))
  end
  front:insert(contents())
  front:extend(body)
  return pandoc.Pandoc(front, metadata())
end
