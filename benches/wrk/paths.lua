-- wrk -s paths.lua URL -- FILE: asks for the paths in FILE, one after the other. Every request is made once, before the clock runs.
local requests, at = {}, 0

function init(args)
  for path in io.lines(args[1]) do
    requests[#requests + 1] = wrk.format("GET", path)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

dofile(debug.getinfo(1, "S").source:sub(2):match(".*/") .. "done.lua")
