-- Does for pandoc what Quarto does in a book: numbers chapters, sections, figures, tables and
-- equations, turns callouts into plain blocks and resolves @fig-, @tbl-, @sec- and @eq- references.

local settings
local registry = {}
local unresolved = {}

local CALLOUTS = { note = true, tip = true, warning = true, important = true, caution = true }
local EM_SPACE = utf8.char(0x2003)

local function callout_kind(div)
  for _, class in ipairs(div.classes) do
    local kind = class:match('^callout%-(%a+)$')
    if kind and CALLOUTS[kind] then return kind end
  end
end

local function callout(div)
  if div.attributes['when-format'] and not div.classes:includes('web-only') then return {} end -- only Quarto's pages show it
  local kind = callout_kind(div)
  if not kind then return nil end
  local body, title = div.content, nil
  if div.attributes.title then
    title = pandoc.utils.blocks_to_inlines(pandoc.read(div.attributes.title, 'markdown').blocks)
  elseif #body > 0 and body[1].t == 'Header' then
    title = body[1].content
    body:remove(1)
  end
  title = title or pandoc.Inlines { pandoc.Str(settings.callouts[kind]) }
  return pandoc.Div({
    pandoc.Div({ pandoc.Plain(title) }, pandoc.Attr('', { 'callout-title' })),
    pandoc.Div(body, pandoc.Attr('', { 'callout-body' })),
  }, pandoc.Attr(div.identifier, { 'callout', 'callout-' .. kind }, { kind = kind }))
end

local function within(chapter_number, n)
  return chapter_number ~= '' and (chapter_number .. '.' .. n) or tostring(n)
end

local function register(id, kind, number)
  if id ~= '' then registry[id] = { kind = kind, number = number } end
end

local function labelled(caption, label)
  local first = caption.long[1]
  local inlines = first and first.content or pandoc.Inlines {}
  inlines:insert(1, pandoc.Span({ pandoc.Str(label) }, pandoc.Attr('', { 'caption-label' })))
  inlines:insert(2, pandoc.Str(EM_SPACE))
  caption.long = { pandoc.Plain(inlines) }
  return caption
end

-- The id of an equation that stands alone in its paragraph, as in: $$ ... $$ {#eq-name}
local function equation_id(para)
  local math, id
  for _, inline in ipairs(para.content) do
    if inline.t == 'Math' and inline.mathtype == 'DisplayMath' and not math then
      math = inline
    elseif inline.t == 'Str' and inline.text:match('^{#eq%-[%w_-]+}$') then
      id = inline.text:sub(3, -2)
    elseif inline.t ~= 'Space' and inline.t ~= 'SoftBreak' then
      return nil
    end
  end
  return math, id
end

local function ascii_id(header, number, chapter)
  if header.identifier:match('^[%w_.:-]+$') then return header.identifier end
  local place = number ~= '' and number or (chapter.attributes.file:gsub('[^%w]+', '-') .. '-' .. chapter.attributes.seen)
  return 'section-' .. place
end

local function number_header(header, chapter, counters)
  local number = ''
  local numbered = chapter.attributes.number ~= '' and not header.classes:includes('unnumbered')
  if header.level == 1 then
    number = numbered and chapter.attributes.number or ''
  elseif numbered and header.level <= settings.depth then
    counters[header.level] = (counters[header.level] or 0) + 1
    for level = header.level + 1, 6 do counters[level] = 0 end
    local parts = { chapter.attributes.number }
    for level = 2, header.level do parts[#parts + 1] = tostring(counters[level] or 0) end
    number = table.concat(parts, '.')
  end
  chapter.attributes.seen = tostring(tonumber(chapter.attributes.seen) + 1)
  header.identifier = ascii_id(header, number, chapter)
  header.attributes.number = number
  local kind = header.level > 1 and 'sec' or (chapter.attributes.kind == 'appendix' and 'app' or 'ch')
  registry[header.identifier] = { kind = kind, number = number, title = header.content }
  return header
end

local function number_chapter(chapter)
  local counters, counts = {}, { fig = 0, tbl = 0, eq = 0 }
  chapter.attributes.seen = '0'
  local function next_of(kind, id)
    counts[kind] = counts[kind] + 1
    local number = within(chapter.attributes.number, counts[kind])
    register(id, kind, number)
    return number
  end
  local numbered = chapter:walk {
    traverse = 'topdown',
    Div = callout,
    Header = function(header) return number_header(header, chapter, counters) end,
    Figure = function(figure)
      if figure.identifier == '' then return nil end
      local number = next_of('fig', figure.identifier)
      figure.caption = labelled(figure.caption, settings.fig:format(number))
      return figure
    end,
    Table = function(tbl)
      if tbl.identifier == '' then return nil end
      local number = next_of('tbl', tbl.identifier)
      tbl.caption = labelled(tbl.caption, settings.tbl:format(number))
      return tbl
    end,
    Para = function(para)
      local math, id = equation_id(para)
      if not (math and id) then return nil end
      local number = next_of('eq', id)
      return pandoc.Div({ pandoc.Para { math } }, pandoc.Attr(id, { 'equation' }, { number = number }))
    end,
  }
  numbered.attributes.seen = nil
  return numbered
end

local function reference_text(target, bare)
  if bare then return pandoc.Inlines { pandoc.Str(target.number) } end
  if target.number == '' and target.title then return target.title:clone() end
  return pandoc.Inlines { pandoc.Str((settings[target.kind]:format(target.number))) }
end

local function is_reference(citation)
  return citation.id:match('^fig%-') or citation.id:match('^tbl%-') or citation.id:match('^sec%-') or citation.id:match('^eq%-')
end

local function reference(cite)
  local result = pandoc.Inlines {}
  for position, citation in ipairs(cite.citations) do
    if not is_reference(citation) then return nil end
    local target = registry[citation.id]
    if not target then
      unresolved[#unresolved + 1] = citation.id
      return nil
    end
    if position > 1 then result:insert(pandoc.Str(settings.list_separator)) end
    if #citation.prefix > 0 then
      result:extend(citation.prefix)
      result:insert(pandoc.Space())
    end
    local text = reference_text(target, citation.mode == 'SuppressAuthor')
    result:insert(pandoc.Link(text, '#' .. citation.id, '', pandoc.Attr('', { 'crossref' })))
    result:extend(citation.suffix)
  end
  return result
end

local function is_cjk(char)
  return char ~= nil and char >= 0x2E80 and char ~= 0x3000
end

local function edge(inline, last)
  local text = inline and pandoc.utils.stringify(inline) or ''
  if text == '' then return nil end
  return utf8.codepoint(text, last and utf8.offset(text, -1) or 1)
end

-- Marks that stand close to what is before them, whatever that is.
local CLOSE = {}
for _, mark in utf8.codes('。，、；：！？）》”') do CLOSE[mark] = true end

-- In Chinese a reference needs spaces in the source; between two Chinese characters, and before a mark, none is set.
local function close_up(inlines)
  for i = #inlines - 1, 2, -1 do
    if inlines[i].t == 'Space' then
      local before, after = inlines[i - 1], inlines[i + 1]
      local beside_link = before.t == 'Link' or after.t == 'Link'
      local follows = edge(after, false)
      if beside_link and (CLOSE[follows] or is_cjk(edge(before, true)) and is_cjk(follows)) then inlines:remove(i) end
    end
  end
  return inlines
end

-- What the chapters that are not here hold, as they noted it.
local function enter(others)
  for _, chapter in ipairs(others) do
    for id, place in pairs(chapter.ids) do
      local title = place.title and pandoc.read(place.title, 'json').blocks[1].content
      if place.kind then registry[id] = { kind = place.kind, number = place.number, title = title } end
    end
  end
end

local crossref = { registry = registry }

function crossref.resolved(doc, wording)
  settings = wording
  enter(settings.others or {})
  doc.blocks = doc.blocks:map(number_chapter)
  doc = doc:walk { Cite = reference }
  if settings.lang == 'zh' then doc = doc:walk { Inlines = close_up } end
  if #unresolved > 0 then error('unresolved references: ' .. table.concat(unresolved, ', ')) end
  return doc
end

return crossref
