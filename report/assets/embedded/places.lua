-- What can be pointed to: the ids of every chapter, with the number and title by which a reference names it, and the
-- works that it cites. Chapters that are not converted in this run are known from the settings.

local places = {}

-- Whether a chapter holds the list of works.
function places.lists_works(chapter)
  local found = false
  chapter:walk { Div = function(div) found = found or div.identifier == 'refs' end }
  return found
end

-- The ids of a chapter; label: whether the PDF has a label there.
local function ids_of(chapter, registry)
  local ids = {}
  local function remember(label)
    return function(element)
      local id = element.identifier
      if not id or id == '' then return nil end
      local known = registry[id] or {}
      local title = known.number == '' and known.title
      ids[id] = {
        label = label or (ids[id] ~= nil and ids[id].label), kind = known.kind, number = known.number,
        title = title and pandoc.write(pandoc.Pandoc { pandoc.Plain(title) }, 'json') or nil,
      }
    end
  end
  local labelled, bare = remember(true), remember(false)
  chapter:walk {
    Header = labelled, Figure = labelled, Table = labelled, Div = labelled, Span = labelled, Image = bare, Link = bare,
  }
  return ids
end

local function works_of(chapter)
  local works = pandoc.List {}
  chapter:walk {
    Link = function(link)
      local work = link.target:match('^#ref%-(.+)$')
      if work and not works:includes(work) then works:insert(work) end
    end,
  }
  return works
end

-- What others need to know of the chapters of this run, in their order.
function places.noted(chapters, registry)
  return pandoc.List(chapters):map(function(chapter)
    return {
      file = chapter.attributes.file, kind = chapter.attributes.kind, lists = places.lists_works(chapter),
      ids = ids_of(chapter, registry), works = works_of(chapter),
    }
  end)
end

-- The volumes of the PDF that hold a chapter: the list of works stands in both.
local function volumes_of(chapter)
  if chapter.lists then return { 'typst', 'technical' } end
  return { chapter.kind == 'appendix' and 'technical' or 'typst' }
end

-- Of all chapters of the book: the file of every id, the labels of each volume, and the works that each cites.
function places.index(chapters, others)
  local index = { files = {}, typst = { ids = {}, cited = {} }, technical = { ids = {}, cited = {} } }
  local function enter(chapter)
    for _, name in ipairs(volumes_of(chapter)) do
      for id, place in pairs(chapter.ids) do index[name].ids[id] = place.label or nil end
      for _, work in ipairs(chapter.lists and {} or chapter.works) do index[name].cited[work] = true end
    end
    for id in pairs(chapter.ids) do index.files[id] = chapter.file end
  end
  for _, chapter in ipairs(others) do enter(chapter) end
  for _, chapter in ipairs(chapters) do enter(chapter) end
  return index
end

return places
