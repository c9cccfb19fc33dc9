-- How wide the columns of a table on paper are, and how large its text: in em of the text, as the face sets it.

local widths = {}

local TEXT_WIDTH = 447.8 -- points between the margins
local SIZES = { 9, 8, 7.5, 6.5 } -- points of a table's text, the largest first
local ROOM, LEAST = 16.2, 8.6 -- what a column of sentences should have, and what it needs at the least
local BOLD = 1.06 -- headings against text
local SLACK = 0.1 -- what letters may be wider than they are taken to be

-- Advance widths of the face by byte, for what is not Chinese.
local ADVANCE = {}
for byte = 32, 126 do ADVANCE[byte] = 0.56 end
for at, letters in pairs {
  [0.23] = ' ', [0.29] = ".,:;'!|ijl", [0.37] = '()[]/-frt{}', [0.47] = 'csz', [0.61] = 'bdhnopqu', [0.66] = 'ABCDEGHIJKLNOPQRSTUVXYZ', [0.93] = 'mwMW%@',
} do
  for letter in letters:gmatch('.') do ADVANCE[letter:byte()] = at end
end
ADVANCE[('I'):byte()] = 0.3
-- A mark of the scorecard stands in a field of its own, with a margin and in bold letters.
local SIGNS = { ['–'] = 0.54, ['−'] = 0.56, ['▲'] = 2.1, ['▼'] = 2.1, ['≈'] = 1.7 }

function widths.of(text)
  local wide, at, length = 0, 1, #text
  while at <= length do
    local byte = text:byte(at)
    if byte < 0x80 then
      wide, at = wide + (ADVANCE[byte] or 0.56), at + 1
    elseif byte < 0xE0 then
      wide, at = wide + (byte == 0xC2 and 0.4 or 0.62), at + 2
    elseif byte < 0xF0 then
      wide, at = wide + (SIGNS[text:sub(at, at + 2)] or 1), at + 3
    else
      wide, at = wide + 1, at + 4
    end
  end
  return wide
end

-- The widest part of a text that no line may break; Chinese breaks anywhere.
local function unbreakable(text)
  local widest = 0
  for word in text:gmatch('[^ \n]+') do
    if not word:find('[\xE3-\xF4]') then widest = math.max(widest, widths.of(word)) end
  end
  return widest
end

-- A heading may take two lines, broken at its spaces: what it takes then, and what it takes on one.
local function heading(text)
  local longest, whole = 0, widths.of(text)
  for word in text:gmatch('%S+') do longest = math.max(longest, widths.of(word)) end
  return BOLD * math.max(longest, text:find(' ', 1, true) and whole / 2 + 0.6 or 0), BOLD * whole
end

-- Per column: the width of every cell, the widest, those of its heading on two lines and on one, and the least it needs.
local function measured(columns, heads, texts)
  local result = {}
  for index in ipairs(columns) do
    local cells, widest, least, head, line = {}, 0, 0, 0, 0
    for at, row in ipairs(texts) do
      local text = row[index] or ''
      cells[at] = widths.of(text)
      if cells[at] > widest then widest = cells[at] end
      if cells[at] > least then least = math.max(least, unbreakable(text)) end
    end
    for _, row in ipairs(heads) do
      local broken, whole = heading(row[index])
      head, line = math.max(head, broken), math.max(line, whole)
    end
    result[index] = { cells = cells, widest = widest, least = math.max(least, head), head = head, line = line }
  end
  return result
end

-- Lines that all rows take when these columns have these widths.
local function lines(found, given, padding)
  local sum = 0
  for at in ipairs(found[1].cells) do
    local most = 1
    for place, column in ipairs(found) do
      most = math.max(most, math.ceil(column.cells[at] * 1.06 / (given[place] - padding)))
    end
    sum = sum + most
  end
  return sum
end

-- Columns of sentences share what is left so that the table takes the fewest lines: from shares by the root of what
-- each would take, as long as moving some of one to another saves any.
local function shared(found, room, padding)
  local given, roots = {}, 0
  for _, column in ipairs(found) do roots = roots + math.sqrt(column.widest) end
  for place, column in ipairs(found) do given[place] = math.max(room * math.sqrt(column.widest) / roots, padding + 1) end
  if #found < 2 then return given end
  local best = lines(found, given, padding)
  for _, step in ipairs { 3, 1 } do
    for from, giver in ipairs(found) do
      for to in ipairs(found) do
        while from ~= to and given[from] - step >= math.max(giver.least, 3) + padding do
          given[from], given[to] = given[from] - step, given[to] + step
          local now = lines(found, given, padding)
          if now >= best then
            given[from], given[to] = given[from] + step, given[to] - step
            break
          end
          best = now
        end
      end
    end
  end
  return given
end

local function padding_at(size)
  return (size < 8 and 6 or 10) / size
end

-- Columns keep their natural width; when the table is too wide for the page, the widest text columns share what the
-- others leave, wider ones first, until the rest fits. Those that share, the natural widths, the sum of what does not
-- share, and whether headings fit on one line too.
local function at_size(columns, found, size)
  local padding, room = padding_at(size), TEXT_WIDTH / size
  local natural, rest, whole = {}, 0, 0
  for index, column in ipairs(found) do
    natural[index] = math.max(column.widest, column.head) + SLACK + padding
    rest, whole = rest + natural[index], whole + math.max(column.widest, column.line) + SLACK + padding
  end
  if rest <= room then return {}, natural, rest, whole <= room end
  local order = {}
  for index, column in ipairs(columns) do
    if not (column.numeric or column.rigid) and found[index].widest > 7 then order[#order + 1] = index end
  end
  table.sort(order, function(a, b)
    return natural[a] ~= natural[b] and natural[a] > natural[b] or natural[a] == natural[b] and a < b
  end)
  local chosen, kept = {}, 0
  for _, index in ipairs(order) do
    if rest + kept <= room then break end
    chosen[#chosen + 1] = index
    rest, kept = rest - natural[index], kept + math.min(natural[index], ROOM)
  end
  return chosen, natural, rest
end

-- The widths of the columns as typst has them, and the size of the text. columns: whether each is numeric or rigid.
function widths.fitting(columns, heads, texts)
  local found = measured(columns, heads, texts)
  local chosen, natural, rest, easy, size
  for _, candidate in ipairs(SIZES) do
    size = candidate
    chosen, natural, rest, easy = at_size(columns, found, size)
    if rest + #chosen * LEAST <= TEXT_WIDTH / size then break end
  end
  local result = {}
  -- of columns of automatic width those with text would break for the sake of headings that can
  for index in ipairs(columns) do result[index] = easy and 'auto' or ('%.2fem'):format(natural[index]) end
  local sharing = {}
  for place, index in ipairs(chosen) do sharing[place] = found[index] end
  if #chosen > 0 then
    for place, given in ipairs(shared(sharing, TEXT_WIDTH / size - rest, padding_at(size))) do
      result[chosen[place]] = ('%.2ffr'):format(given)
    end
  end
  return result, ('%gpt'):format(size)
end

return widths
