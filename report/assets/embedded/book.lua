-- Makes the two forms of the book in one run: the document becomes the HTML pages, each behind a marker line, and the
-- texts of the PDF, the report and its technical volume, go into the files that the metadata fields "typst" and
-- "technical" name.
-- Each chapter arrives as a Div of class "chapter" with the attributes file, kind and number.
-- The wording comes from the JSON file named by the metadata field "settings".

package.path = pandoc.path.join { pandoc.path.directory(PANDOC_SCRIPT_FILE), '?.lua' }

local tables = require 'tables'
local crossref = require 'crossref'
local citations = require 'citations'
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
  local paths = { typst = pandoc.utils.stringify(doc.meta.typst), technical = pandoc.utils.stringify(doc.meta.technical) }
  doc = crossref.resolved(tables.set_aside(doc), settings)
  doc = citations.set(doc, settings.lang)
  for name, text in pairs(typst.volumes(doc, settings)) do write_text(paths[name], text) end
  return pandoc.Pandoc(html.pages(doc))
end
