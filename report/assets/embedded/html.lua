-- Writes each chapter as HTML of its own (with its own footnotes), and gives tables, equations and links the form that the
-- pages need.

local tables = require 'tables'

local files -- by id
local here

local function relative(target)
  local up = here:match('/') and '../' or ''
  return up .. target
end

local function link(element)
  local path, fragment = element.target:match('^([^#]*)#?(.*)$')
  if path == '' and fragment ~= '' then
    local file = files[fragment]
    if file and file ~= here then element.target = relative(file) .. '.html#' .. fragment end
  elseif path:match('%.qmd$') and not path:match('^%a+:') then
    element.target = path:gsub('%.qmd$', '.html') .. (fragment ~= '' and ('#' .. fragment) or '')
  end
  element.classes = element.classes:filter(function(class) return class ~= 'uri' end)
  return element
end

local function column_kinds(tbl)
  local kinds, texts = {}, tables.body_texts(tbl)
  for column = 1, #tbl.colspecs do
    local digits, numeric, longest = false, true, 0
    for _, row in ipairs(texts) do
      local text = row[column] or ''
      digits = digits or text:match('%d') ~= nil
      numeric = numeric and tables.number_like(text)
      longest = math.max(longest, utf8.len(text) or #text)
    end
    kinds[column] = (numeric and digits) and 'num'
      or longest > 36 and 'long' or longest > 18 and 'name' or longest > 8 and 'text' or 'short'
  end
  return kinds
end

local function mark_cells(rows, classes)
  local marks = classes:map(function(class) return class and pandoc.Attr('', { class }) or pandoc.Attr() end)
  for _, row in ipairs(rows) do
    for column, cell in ipairs(row.cells) do cell.attr = marks[column] end
  end
end

local SIDES = { AlignLeft = 'left', AlignRight = 'right', AlignCenter = 'centre' }

-- How a cell stands follows from its kind, by the style sheet; what a table says otherwise is a class too: pandoc would
-- write it into every cell as a style. A cell of a table that has no class holds a number, as most do.
local function cell_class(spec, kind)
  local side = SIDES[spec[1]]
  return (not side or side == (kind == 'num' and 'right' or 'left')) and kind or kind .. ' ' .. side
end

local function table_figure(tbl)
  local kinds = column_kinds(tbl)
  local classes, specs = pandoc.List {}, {}
  for column, spec in ipairs(tbl.colspecs) do
    classes[column], specs[column] = cell_class(spec, kinds[column]), { 'AlignDefault', nil }
  end
  tbl.head, tbl.bodies = tables.head(tbl), tables.bodies(tbl)
  local below = classes:map(function(class) return class ~= 'num' and class end)
  for _, body in ipairs(tbl.bodies) do mark_cells(body.body, below) end
  mark_cells(tbl.head.rows, classes)
  tbl.colspecs = specs
  local caption, id = tbl.caption.long, tbl.identifier
  tbl.caption = { long = {} }
  tbl.attr = pandoc.Attr()
  local blocks = pandoc.Blocks {
    pandoc.RawBlock('html', '<figure class="table"' .. (id ~= '' and (' id="' .. id .. '"') or '') .. '>'),
  }
  local labelled = ''
  if #caption > 0 then
    local caption_id = id ~= '' and (id .. '-caption') or ''
    if caption_id ~= '' then labelled = ' role="region" aria-labelledby="' .. caption_id .. '"' end
    blocks:insert(pandoc.RawBlock('html', '<figcaption' .. (caption_id ~= '' and (' id="' .. caption_id .. '"') or '') .. '>'))
    blocks:extend(caption)
    blocks:insert(pandoc.RawBlock('html', '</figcaption>'))
  end
  blocks:insert(pandoc.RawBlock('html', '<div class="table-scroll" tabindex="0"' .. labelled .. '>'))
  blocks:insert(tbl)
  blocks:insert(pandoc.RawBlock('html', '</div></figure>'))
  return blocks
end

local function without_condition(element)
  element.attributes['when-format'] = nil
  element.classes = { 'web-only' }
  return element
end

local function block(div)
  if div.classes:includes('web-only') then return without_condition(div) end
  if not div.classes:includes('equation') then return nil end
  local number = div.attributes.number
  div.attributes.number = nil
  div.content:insert(pandoc.Div({ pandoc.Plain { pandoc.Str('(' .. number .. ')') } }, pandoc.Attr('', { 'equation-number' })))
  return div
end

local function image(img)
  local alt = img.attributes['fig-alt']
  if alt then
    img.caption = { pandoc.Str(alt) }
    img.attributes['fig-alt'] = nil
  end
  return img
end

-- What stands in a PDF instead is not shown; what is shown on pages alone keeps no trace of Quarto's condition.
local function span(element)
  if element.classes:includes('paper-only') then return {} end
  if element.classes:includes('web-only') then return without_condition(element) end
end

local function header(element)
  local number = element.attributes.number
  element.attributes.number = nil
  if number and number ~= '' then
    element.content:insert(1, pandoc.Span({ pandoc.Str(number) }, pandoc.Attr('', { 'header-number' })))
    element.content:insert(2, pandoc.Space())
  end
  return element
end

local function written(chapter)
  here = chapter.attributes.file
  local shaped = chapter:walk {
    Link = link, Table = table_figure, Div = block, Image = image, Header = header, Span = span,
  }
  return pandoc.write(pandoc.Pandoc(shaped.content), 'html5', {
    html_math_method = 'mathml', wrap_text = 'none', section_divs = true,
  })
end

local html = {}

-- The pages of the chapters, in their order; index: where everything stands that they may point to.
function html.pages(chapters, index)
  files = index.files
  return pandoc.List(chapters):map(written)
end

return html
