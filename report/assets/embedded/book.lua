-- Makes of each chapter its page and its text of the PDF, in one run for all that are to be converted: they go as JSON
-- into the file that the metadata field "forms" names, with what other chapters may point to (places.lua).
-- Each chapter arrives as a Div of class "chapter" with the attributes file, kind and number.
-- The wording comes from the JSON file named by the metadata field "settings", and what there is to know of the chapters
-- that are not converted.

package.path = pandoc.path.join { pandoc.path.directory(PANDOC_SCRIPT_FILE), '?.lua' }

local tables = require 'tables'
local crossref = require 'crossref'
local citations = require 'citations'
local places = require 'places'
local typst = require 'typst'
local html = require 'html'

local function read_settings(path)
  local file = assert(io.open(path))
  local settings = pandoc.json.decode(file:read('a'), false)
  file:close()
  return settings
end

local function write_text(path, text)
  local file = assert(io.open(path, 'w'))
  file:write(text)
  file:close()
end

function Pandoc(doc)
  local settings = read_settings(pandoc.utils.stringify(doc.meta.settings))
  local path = pandoc.utils.stringify(doc.meta.forms)
  doc = crossref.resolved(tables.set_aside(doc), settings)
  doc = citations.set(doc, settings.lang, settings)
  local forms = places.noted(doc.blocks, crossref.registry)
  local index = places.index(forms, settings.others)
  local texts = typst.texts(doc.blocks, index, settings)
  local pages = html.pages(doc.blocks, index)
  for at, form in ipairs(forms) do
    form.html, form.typst, form.technical = pages[at], texts[at].typst, texts[at].technical
  end
  write_text(path, pandoc.json.encode(forms))
  return pandoc.Pandoc {}
end
