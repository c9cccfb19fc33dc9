-- Runs after citeproc: puts the reference list into the last chapter when no chapter holds one, and sets
-- no space before the full-width bracket of a Chinese citation.

local function close_up(inlines)
  for i = #inlines - 1, 1, -1 do
    if inlines[i].t == 'Space' and pandoc.utils.stringify(inlines[i + 1]):sub(1, #'（') == '（' then inlines:remove(i) end
  end
  return inlines
end

function Pandoc(doc)
  local last = doc.blocks[#doc.blocks]
  if last and last.t == 'Div' and last.identifier == 'refs' then
    doc.blocks:remove(#doc.blocks)
    doc.blocks[#doc.blocks].content:insert(last)
  end
  local chinese = pandoc.utils.stringify(doc.meta.lang or ''):match('^zh')
  return chinese and doc:walk { Inlines = close_up } or doc
end
