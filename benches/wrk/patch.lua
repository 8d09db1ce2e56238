-- wrk -s patch.lua URL -- FILE START: gives each organization of FILE (one id a line) a new website in turn. START tells runs apart.
local ids, at, start = {}, 0, ""

function init(args)
  for id in io.lines(args[1]) do
    ids[#ids + 1] = id
  end
  start = args[2]
  wrk.headers["Content-Type"] = "application/json"
  wrk.headers["If-Match"] = "*"
end

function request()
  at = at + 1
  local body = '{"website":"https://www.written.example/' .. start .. "/" .. at .. '"}'
  return wrk.format("PATCH", "/v1/organizations/" .. ids[(at - 1) % #ids + 1], nil, body)
end

dofile(debug.getinfo(1, "S").source:sub(2):match(".*/") .. "done.lua")
