-- Gives the slides their pictures and the deck its first slide; the wording comes from the JSON file named by the
-- metadata field "settings".

local function read_settings(path)
  local file = assert(io.open(path))
  local read = pandoc.json.decode(file:read('a'), false)
  file:close()
  return read
end

local function image(img)
  img.title = img.attributes['fig-alt'] or ''
  img.src = img.src:match('([^/]+)%.svg$') .. '.png'
  img.attr = pandoc.Attr()
  return img
end

-- A picture alone in its paragraph would be a figure with its words below it, which are for the notes.
local function bare(figure)
  return figure.content
end

function Pandoc(doc)
  local cover = read_settings(pandoc.utils.stringify(doc.meta.settings)).cover
  local meta = {}
  for _, key in ipairs { 'title', 'subtitle', 'author', 'date' } do
    if cover[key] ~= '' then meta[key] = pandoc.Inlines { pandoc.Str(cover[key]) } end
  end
  return pandoc.Pandoc(doc:walk { Image = image, Figure = bare }.blocks, meta)
end
