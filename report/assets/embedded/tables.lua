-- What both forms of a table need to know: the text of its cells and which columns hold numbers.
--
-- Nine cells in ten of a book hold words and numbers only, and every walk through the document would visit them. So the
-- rows of such a table are set aside at the start, and the table goes on with its caption alone.

local tables = {}

local kept = {}

local function remembered(tbl)
  return kept[tonumber(tbl.attributes.kept)]
end

-- Whether no cell holds what the walks look for (references, citations, links, notes, pictures), and whether the cells
-- hold nothing but words and spaces.
local function is_plain(tbl)
  local plain, words = true, true
  local function linked() plain = false end
  local function marked() words = false end
  tbl:walk {
    Cite = linked, Link = linked, Note = linked, Image = linked, Span = linked, Div = linked,
    Strong = marked, Emph = marked, Code = marked, Math = marked, Quoted = marked, RawInline = marked,
    Superscript = marked, Subscript = marked, Strikeout = marked, Underline = marked, SmallCaps = marked,
    LineBreak = marked, Para = marked, BulletList = marked, OrderedList = marked, CodeBlock = marked, RawBlock = marked,
  }
  return plain, words
end

function tables.set_aside(doc)
  return doc:walk {
    traverse = 'topdown',
    Table = function(tbl)
      local bare = tbl:clone()
      bare.caption = { long = {} }
      local plain, words = is_plain(bare)
      if not plain then return tbl, false end
      kept[#kept + 1] = { head = tbl.head, bodies = tbl.bodies, words = words }
      tbl.head, tbl.bodies = pandoc.TableHead(), {}
      tbl.attributes.kept = tostring(#kept)
      return tbl, false
    end,
  }
end

function tables.head(tbl)
  return (remembered(tbl) or tbl).head
end

function tables.bodies(tbl)
  return (remembered(tbl) or tbl).bodies
end

function tables.head_rows(tbl)
  return tables.head(tbl).rows
end

function tables.body_rows(tbl)
  local rows = pandoc.List {}
  for _, body in ipairs(tables.bodies(tbl)) do rows:extend(body.body) end
  return rows
end

function tables.texts(rows)
  return rows:map(function(row)
    return row.cells:map(function(cell) return pandoc.utils.stringify(cell.contents) end)
  end)
end

-- The plain text of each cell, row by row.
function tables.body_texts(tbl)
  local known = remembered(tbl) or {}
  known.texts = known.texts or tables.texts(tables.body_rows(tbl))
  return known.texts
end

-- Whether the text of a cell is all that there is to it.
function tables.holds_words(tbl)
  return (remembered(tbl) or {}).words == true
end

function tables.number_like(text)
  return text:match('^[%s%d%.,%%%+%-–—−±()%[%]<>=≤≥～~*/×]*$') ~= nil
end

return tables
