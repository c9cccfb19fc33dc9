-- Sets the citations: puts the reference list into the last chapter when no chapter of the book holds one, and no space
-- before the full-width bracket of a Chinese citation.

local function close_up(inlines)
  for i = #inlines - 1, 1, -1 do
    local opens = inlines[i].t == 'Space' and pandoc.utils.stringify(inlines[i + 1]):sub(1, #'（') == '（'
    if opens then inlines:remove(i) end
  end
  return inlines
end

-- All works of the book, in the order in which it cites them: their years and numbers are those of the whole book, though
-- only some of its chapters are here.
local function all_cited(works)
  return pandoc.Para { pandoc.Cite({}, pandoc.List(works):map(function(work) return pandoc.Citation(work, 'NormalCitation') end)) }
end

local citations = {}

-- book: `works` that the book is known to cite, where only some of its chapters are here, and whether one of its chapters,
-- here or not, holds the `list` of them.
function citations.set(doc, lang, book)
  local works = book and book.works or {}
  if #works > 0 then doc.blocks:insert(1, all_cited(works)) end
  doc = pandoc.utils.citeproc(doc)
  if #works > 0 then doc.blocks:remove(1) end
  local last = doc.blocks[#doc.blocks]
  if last and last.t == 'Div' and last.identifier == 'refs' then
    doc.blocks:remove(#doc.blocks)
    if not (book and book.list) then doc.blocks[#doc.blocks].content:insert(last) end
  end
  return lang == 'zh' and doc:walk { Inlines = close_up } or doc
end

return citations
