-- Sets the citations: puts the reference list into the last chapter when no chapter holds one, and no space
-- before the full-width bracket of a Chinese citation.

local function close_up(inlines)
  for i = #inlines - 1, 1, -1 do
    local opens = inlines[i].t == 'Space' and pandoc.utils.stringify(inlines[i + 1]):sub(1, #'（') == '（'
    if opens then inlines:remove(i) end
  end
  return inlines
end

local citations = {}

function citations.set(doc, lang)
  doc = pandoc.utils.citeproc(doc)
  local last = doc.blocks[#doc.blocks]
  if last and last.t == 'Div' and last.identifier == 'refs' then
    doc.blocks:remove(#doc.blocks)
    doc.blocks[#doc.blocks].content:insert(last)
  end
  return lang == 'zh' and doc:walk { Inlines = close_up } or doc
end

return citations
