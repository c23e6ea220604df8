-- Requests that wait or are served, of all workers: who they are and since when. Presigned URLs are secrets, so that no
-- query is kept.
local requests = {}
local known = ngx.shared.requests
local sequence = 0

-- Methods that change nothing.
requests.READS = {GET = true, HEAD = true, OPTIONS = true}

function requests.note(phase, node)
    if ngx.var.request_key == '' then
        sequence = sequence + 1
        ngx.var.request_key = ngx.worker.pid() .. ' ' .. sequence
    end
    local uri = ngx.escape_uri(ngx.var.uri:sub(1, 200))
    known:set(ngx.var.request_key, table.concat({
        phase, node or '-', ngx.req.start_time(), ngx.var.request_method, uri, ngx.var.remote_addr,
    }, ' '))
end

function requests.forget()
    if ngx.var.request_key ~= '' then
        known:delete(ngx.var.request_key)
    end
end

-- A worker that was killed leaves its requests behind.
local function is_alive(pid, seen)
    if seen[pid] == nil then
        local file = io.open('/proc/' .. pid .. '/stat')
        seen[pid] = file ~= nil
        if file then
            file:close()
        end
    end
    return seen[pid]
end

-- Of one phase (`held` or `served`); the oldest first.
function requests.list(phase)
    local found, seen, now = {}, {}, ngx.now()
    for _, id in ipairs(known:get_keys(0)) do
        local line = known:get(id)
        if line and is_alive(id:match('^%d+'), seen) then
            local what, where, start, method, uri, client = line:match('^(%S+) (%S+) (%S+) (%S+) (%S*) (%S+)$')
            if what == phase then
                local seconds, path = now - tonumber(start), ngx.unescape_uri(uri)
                found[#found + 1] = {
                    node = where ~= '-' and where or nil,
                    method = method,
                    seconds = seconds,
                    text = string.format('%s %s of %s, %.1f s', method, path, client, seconds),
                }
            end
        elseif line then
            known:delete(id)
        end
    end
    table.sort(found, function(one, other) return one.seconds > other.seconds end)
    return found
end

return requests
