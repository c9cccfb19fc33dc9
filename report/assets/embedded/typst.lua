-- Gives every chapter the typst form that book.typ defines: headings, figures, tables with column
-- widths that fit the page, equations and callouts.

local paper = require 'paper'
local places = require 'places'
local tables = require 'tables'
local widths = require 'widths'

local here
local OPTIONS = { wrap_text = 'none' }

-- Captions, headings and cells stand inside of calls that are raw typst. pandoc writes all of them at once, since
-- each call of its writer costs a millisecond and a book has thousands of cells: a piece is kept by its place until then.
local pieces = pandoc.List {}
local MARK, SEPARATOR = '\x1e', '\x1d'

-- typst reads three dots as an ellipsis, a hyphen before a digit as a minus, and a lone mark in brackets as that of a
-- heading or a list, which pandoc's writer does not know of.
local function has_shorthand(text)
  return text:find('...', 1, true) or text:find('%-[^%a%s-]') or text:find('^[=+/-]+$') or text:find('^%d+%.$')
end

local function shorthands(str)
  if not has_shorthand(str.text) then return nil end
  local parts = pandoc.Inlines {}
  for words, mark in str.text:gmatch('([^.=+/-]*)([.=+/-]?)') do
    if words ~= '' then parts:insert(pandoc.Str(words)) end
    if mark ~= '' then parts:insert(pandoc.RawInline('typst', '\\' .. mark)) end
  end
  return parts
end

local function quoted(text)
  return '"' .. text:gsub('\\', '\\\\'):gsub('"', '\\"') .. '"'
end

-- A screen reader is told a formula as its author wrote it.
local function formula(math)
  local written = pandoc.write(pandoc.Pandoc { pandoc.Plain { math } }, 'typst', OPTIONS):gsub('%s+$', '')
  local alt = quoted(math.text:gsub('%s+', ' '):match('^%s*(.-)%s*$'))
  return pandoc.RawInline('typst', ('#[#set math.equation(alt: %s);%s]'):format(alt, written))
end

local REGIONS = { zh = 'cn', en = 'gb' }
local SHAPED_SPANS = pandoc.List { 'finding', 'basis', 'band', 'action', 'effect', 'owner' }

-- A span of a class that book.typ has a function of the same name for; the classes behind it are told to it. One in
-- another language is told to be.
local function shaped_span(span)
  for place, class in ipairs(span.classes) do
    if SHAPED_SPANS:includes(class) then
      local kind = span.classes[place + 1]
      local inlines = pandoc.Inlines { pandoc.RawInline('typst', ('#%s%s['):format(class, kind and ('("' .. kind .. '")') or '')) }
      inlines:extend(span.content)
      inlines:insert(pandoc.RawInline('typst', ']'))
      return inlines
    end
  end
  local lang = span.attributes.lang
  if REGIONS[lang] then
    return pandoc.Inlines { pandoc.RawInline('typst', ('#text(lang: "%s", region: "%s")['):format(lang, REGIONS[lang])) } .. span.content
      .. pandoc.Inlines { pandoc.RawInline('typst', ']') }
  end
end

local function write(blocks)
  return pandoc.write(pandoc.Pandoc(blocks):walk { Str = shorthands, Math = formula, Span = shaped_span }, 'typst-citations', OPTIONS)
end

local function piece(blocks)
  pieces:insert(blocks)
  return MARK .. #pieces .. MARK
end

local function inline_piece(inlines)
  return piece { pandoc.Plain(inlines) }
end

local function written_pieces()
  local blocks, texts = pandoc.Blocks {}, {}
  for _, content in ipairs(pieces) do
    blocks:extend(content)
    blocks:insert(pandoc.RawBlock('typst', SEPARATOR))
  end
  for text in write(blocks):gmatch('(.-)' .. SEPARATOR) do
    texts[#texts + 1] = text:gsub('^%s+', ''):gsub('%s+$', '')
  end
  assert(#texts == #pieces, 'a piece of the book was lost')
  return texts
end

local function filled(text, texts)
  return (text:gsub(MARK .. '(%d+)' .. MARK, function(place) return filled(texts[tonumber(place)], texts) end))
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
  local title = inline_piece(element.content)
  local turn = element.classes:includes('profile') and '#pagebreak(weak: true)\n' or ''
  return raw((turn .. '#book-heading(%d, %s, [%s])%s\n'):format(element.level, quoted(number), title, label(element.identifier)))
end

local function find_image(figure)
  local found
  pandoc.Div(figure.content):walk { Image = function(img) found = found or img end }
  return found
end

local function figure(element, note)
  local img = find_image(element)
  if not img then return nil end
  local alt = img.attributes['fig-alt'] or pandoc.utils.stringify(img.caption)
  local width = img.attributes.width or '100%'
  if not width:match('^%d+%.?%d*%%$') then width = '100%' end
  local caption = #element.caption.long > 0 and ('[' .. piece(element.caption.long) .. ']') or 'none'
  local drawn = ('#book-figure(%s, width: %s, alt: %s, caption: %s)%s'):format(
    quoted(rooted(img.src)), width, quoted(alt), caption, label(element.identifier))
  if not note then return raw(drawn .. '\n') end
  local stays = note.classes:includes('stays') and '(stays: true)' or ''
  return raw(('#noted%s[%s][%s]\n'):format(stays, drawn, piece(note.content)))
end

-- In half-width characters: those from U+2E80 on, told by their first bytes, are twice as wide.
local function display_width(text)
  if not text:find('[\x80-\xFF]') then return #text end
  local _, wide = text:gsub('[\xE3-\xF4]', '')
  local _, radicals = text:gsub('\xE2[\xBA-\xBF]', '')
  return utf8.len(text) + wide + radicals
end

-- A heading may take two lines, broken at its spaces.
local function heading_width(text)
  local longest = 0
  for word in text:gmatch('%S+') do longest = math.max(longest, display_width(word)) end
  return math.max(longest, math.ceil(display_width(text) / 2))
end

-- The longest part of a text that no line may break: "≤ 3 working days" with no-break spaces; Chinese breaks anywhere.
local function unbreakable(text)
  local longest = 0
  for word in text:gmatch('[^ \n]+') do
    if not word:find('[\xE3-\xF4]') then longest = math.max(longest, display_width(word)) end
  end
  return longest
end

-- Per column: the widest cell, the widest unbreakable header part, and whether the cells are numbers or can't break.
local function measures(tbl, texts)
  local columns, heads = {}, tables.texts(tables.head_rows(tbl))
  for column = 1, #tbl.colspecs do
    local widest, longest, numeric, digits = 0, 0, true, false
    for _, row in ipairs(texts) do
      local text = row[column] or ''
      widest, longest = math.max(widest, display_width(text)), math.max(longest, unbreakable(text))
      numeric = numeric and tables.number_like(text)
      digits = digits or text:match('%d') ~= nil
    end
    local head = 0
    for _, row in ipairs(heads) do head = math.max(head, heading_width(row[column])) end
    columns[column] = { widest = widest, head = head, numeric = numeric and digits, rigid = longest >= widest }
  end
  return columns
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

-- Words and numbers without a sign that typst reads as markup or joins into another stand for themselves.
local function stands_for_itself(text)
  return not text:find('[^%w%s,%%()\x80-\xFF.]') and not text:find('..', 1, true)
    and not text:find('^%d+%.$') and not text:find('^%d+%.%s')
end

-- The columns on the left that name a group in its first row only: blank fields, each below the name that holds there.
local function grouping(texts)
  local found = {}
  for column = 1, texts[1] and #texts[1] or 0 do
    local blanks = 0
    for at, row in ipairs(texts) do
      if row[column] == '' then
        if at == 1 then return found end
        blanks = blanks + 1
      end
    end
    if blanks == 0 then return found end
    found[column] = true
  end
  return found
end

local row_ends -- of the chapter

-- A label at the end of a row, by which the next one tells whether a page has begun.
local function row_label()
  row_ends = row_ends + 1
  return ('<row-%s-%d>'):format(here:gsub('[^%w]', '-'), row_ends)
end

local function lacks_name(row, groups)
  for column in pairs(groups) do
    if row[column] == '' then return true end
  end
  return false
end

-- In a table that goes over the page the rows of a group name it again where a page begins.
local function with_names(cells, texts)
  local groups, width = grouping(texts), texts[1] and #texts[1] or 0
  if not groups[1] then return cells end
  local named, before = {}, nil
  for at, row in ipairs(texts) do
    for column = 1, width do
      local place = (at - 1) * width + column
      if groups[column] then
        local last = not texts[at + 1] or texts[at + 1][column] ~= ''
        if row[column] ~= '' then
          named[column] = cells[place]
        else
          cells[place] = ('[#named-again(%s, %s, %s)]'):format(before, named[column], last)
        end
      end
    end
    if texts[at + 1] and lacks_name(texts[at + 1], groups) then
      before = row_label()
      cells[at * width] = ('%s#metadata(none)%s]'):format(cells[at * width]:sub(1, -2), before)
    end
  end
  return cells
end

local function cells(tbl, columns, texts)
  local result, words = pandoc.List {}, tables.holds_words(tbl)
  for at, row in ipairs(words and texts or tables.body_rows(tbl)) do
    for index = 1, #texts[at] do
      local text = texts[at][index]
      local is_number = columns[index].numeric and text:find(' ', 1, true)
      if words and stands_for_itself(text) then
        result:insert('[' .. text:gsub(NO_BREAK, '~'):gsub(is_number and ' ' or NO_BREAK, '~') .. ']')
      else
        local contents = (words and tables.body_rows(tbl)[at] or row).cells[index].contents
        result:insert('[' .. piece(is_number and unbroken(contents) or contents) .. ']')
      end
    end
  end
  return result
end

local function header_cells(rows)
  local result = pandoc.List {}
  for _, row in ipairs(rows) do
    for _, cell in ipairs(row.cells) do result:insert('[' .. piece(cell.contents) .. ']') end
  end
  return result
end

-- A table that is long by its rows or by its text goes over the page; a short one stays whole.
local function breakable(texts)
  local width = 0
  for _, row in ipairs(texts) do
    for _, text in ipairs(row) do width = width + display_width(text) end
  end
  return #texts > 12 or width > 900
end

local function list(values)
  return '(' .. table.concat(values, ', ') .. ',)'
end

local function table_block(tbl)
  local texts = tables.body_texts(tbl)
  local columns = measures(tbl, texts)
  local heads = tables.head_rows(tbl)
  local wide, size = widths.fitting(columns, tables.texts(heads), texts)
  local caption = #tbl.caption.long > 0 and ('[' .. piece(tbl.caption.long) .. ']') or 'none'
  return raw(('#book-table(\n  columns: %s,\n  align: %s,\n  size: %s,\n  breakable: %s,\n  caption: %s,\n  note: %s,\n  header: %s,\n  %s\n)%s\n'):format(
    list(wide), list(alignments(tbl, columns)), size, breakable(texts) and 'true' or 'false',
    caption, tbl.attributes.note or 'none', #heads > 0 and list(header_cells(heads)) or '()',
    table.concat(with_names(cells(tbl, columns, texts), breakable(texts) and texts or {}), ',\n  '), label(tbl.identifier)))
end

local function equation(div)
  local body = piece(div.content[1] and { div.content[1] } or {})
  return raw(('#book-equation("%s", [%s])%s\n'):format(div.attributes.number, body, label(div.identifier)))
end

-- Classes of divs that book.typ has a function of the same name for.
local SHAPED_DIVS = pandoc.List {
  'profile-body', 'one-page', 'front-index', 'front-number', 'front-claims', 'front-findings', 'scorecard', 'scorecard-note',
  'front-actions', 'front-action', 'front-more', 'front-reading',
}
-- A second page of the front begins anew; with nothing but how to read the report it goes on below the first.
local function turn_to(div)
  if not div.classes:includes('next') then return '' end
  local first = div.content[1]
  local reading = first and first.text and first.text:find(label('sec-reading'), 1, true)
  return reading and '#v(1.6em)\n' or '#pagebreak(weak: true)\n'
end
local function shaped_div(div)
  for _, class in ipairs(SHAPED_DIVS) do
    if div.classes:includes(class) then
      local blocks = pandoc.Blocks { raw(('%s#%s['):format(turn_to(div), class)) }
      blocks:extend(div.content)
      blocks:insert(raw(']\n'))
      return blocks
    end
  end
end

local function div_block(div)
  if div.classes:includes('web-only') then return {} end
  if div.classes:includes('equation') then return equation(div) end
  if div.identifier == 'refs' then
    div.content:insert(1, raw('#reference-list['))
    div.content:insert(raw(']'))
    return div
  end
  if div.classes:includes('key-points') then
    div.content:insert(1, raw('#key-points['))
    div.content:insert(raw(']\n'))
    return div
  end
  if not div.classes:includes('callout') then return shaped_div(div) end
  local blocks = pandoc.Blocks {
    raw(('#callout("%s", [%s])['):format(div.attributes.kind, inline_piece(div.content[1].content[1].content))),
  }
  blocks:extend(div.content[2].content)
  blocks:insert(raw(']\n'))
  return blocks
end

-- A link to a page of the site leads nowhere from a PDF; one to the other volume leads to its file.
local function link_from(volume)
  return function(link)
    if link.classes:includes('source') then return link.content end
    if link.target:match('^https?:') then return nil end
    local id = link.target:match('^#(.+)$')
    if id and volume.ids[id] then return nil end
    if not (id and link.classes:includes('crossref')) then return link.content end
    return pandoc.Link(link.content, volume.other)
  end
end

-- The note below a table or a figure becomes its own, so that no page comes between them.
local function with_notes(blocks)
  for place = #blocks - 1, 1, -1 do
    local one, note = blocks[place], blocks[place + 1]
    if one.t == 'Table' and note.t == 'Div' and note.classes:includes('table-note') then
      one.attributes.note = '[' .. piece(note.content) .. ']'
      blocks:remove(place + 1)
    elseif one.t == 'Figure' and note.t == 'Div' and note.classes:includes('figure-note') then
      local drawn = figure(one, note)
      if drawn then
        blocks[place] = drawn
        blocks:remove(place + 1)
      end
    end
  end
  return blocks
end

local function chapter_blocks(chapter, volume)
  here = chapter.attributes.file
  local title_label = chapter.attributes.label or ''
  local shaped = chapter:walk({ Span = paper.span, Link = link_from(volume) }):walk({ Blocks = with_notes }):walk {
    Header = function(element)
      if element.level == 1 then element.attributes.label = title_label end
      return header(element)
    end,
    Figure = function(element) return figure(element) end, Table = table_block, Div = div_block,
  }
  return shaped.content
end

local typst = { measures = measures }

-- Of the list of works those that the chapters of a volume cite; nothing where they cite none.
local function cited_works(list, volume)
  local kept = 0
  local works = list:walk {
    Div = function(div)
      local work = div.identifier:match('^ref%-(.+)$')
      if not work then return nil end
      if not volume.cited[work] then return {} end
      kept = kept + 1
    end,
  }
  return kept > 0 and works or nil
end

local function chapter_text(chapter, volume)
  if not chapter then return '' end
  pieces, row_ends = pandoc.List {}, 0
  local blocks = chapter_blocks(chapter, volume)
  return filled(write(blocks), written_pieces())
end

-- The text of each chapter in the report and in the technical volume that the appendices make; either lists the works
-- that it cites. index: what each volume holds.
function typst.texts(chapters, index, settings)
  local report = { ids = index.typst.ids, cited = index.typst.cited, other = settings.volumes.technical }
  local technical = { ids = index.technical.ids, cited = index.technical.cited, other = settings.volumes.typst }
  return pandoc.List(chapters):map(function(chapter)
    if places.lists_works(chapter) then
      return {
        typst = chapter_text(cited_works(chapter, report), report),
        technical = chapter_text(cited_works(chapter, technical), technical),
      }
    end
    if chapter.attributes.kind == 'appendix' then return { typst = '', technical = chapter_text(chapter, technical) } end
    return { typst = chapter_text(chapter, report), technical = '' }
  end)
end

return typst
