-- What the PDF and the Word file do alike with what is written for pages as well.

local paper = {}

-- What only pages show is left out; the second line of a title begins anew.
function paper.span(element)
  if element.classes:includes('web-only') then return {} end
  if element.classes:includes('paper-only') then return element.content end
  if element.classes:includes('subtitle') then
    element.content:insert(1, pandoc.LineBreak())
    return element.content
  end
end

return paper
