-- What a node can do, proved by a signed write and a read of what was written, through that node alone. Its own health
-- checks say 200 while it answers 404 for objects that exist and 503 for writes (docs/gateway.md).
local cjson = require('cjson.safe')
local signature = require('signature')

local BUCKET = 'storageserver-canary'
local HEALTH = '/minio/health/cluster'
local SIZE = 1024
-- Objects of each node, in turn.
local PLACES = 16

local canary = {}

-- The identity, read each time, so that a new one needs no reload; nil where there is none yet.
function canary.key(path)
    local file = io.open(path)
    local found = file and cjson.decode(file:read('*a'))
    if file then
        file:close()
    end
    return type(found) == 'table' and found.access_key and found.secret_key and found or nil
end

local function answer(socket)
    local line, problem = socket:receive()
    if not line then
        return nil, problem
    end
    local status, length = tonumber(line:match('^HTTP/%d%.%d (%d+)')), 0
    repeat
        line, problem = socket:receive()
        if not line then
            return nil, problem
        end
        length = tonumber(line:match('^[Cc]ontent%-[Ll]ength: *(%d+)')) or length
    until line == ''
    return status, nil, length
end

-- Status and body; or nil, and what went wrong with the connection.
local function ask(socket, method, path, headers, body)
    local lines = {method .. ' ' .. path .. ' HTTP/1.1'}
    for name, value in pairs(headers) do
        lines[#lines + 1] = name .. ': ' .. value
    end
    if method == 'PUT' then
        lines[#lines + 1] = 'Content-Length: ' .. #body
    end
    local sent, problem = socket:send(table.concat(lines, '\r\n') .. '\r\n\r\n' .. body)
    if not sent then
        return nil, problem
    end
    local status, trouble, length = answer(socket)
    if not status then
        return nil, trouble
    end
    local content = length > 0 and method ~= 'HEAD' and socket:receive(length) or ''
    return status, content
end

-- Whether the node writes, whether it reads, and why not: what the connection or the server says. `refused`: it does
-- not take the key. `silent`: it gave no answer within `patience`; `down` as well if that was to a write. Without a key
-- its health has to do. Milliseconds.
function canary.prove(node, key, gateway, deadline, patience)
    local socket = ngx.socket.tcp()
    socket:settimeouts(deadline, patience, patience)
    local connected, problem = socket:connect(node.address, node.port)
    if not connected then
        return {writes = false, reads = false, down = true, why = 'connection: ' .. problem}
    end
    local found = key and canary._write_and_read(socket, node, key, gateway) or canary._health(socket, node)
    socket:close()
    if found.silent and found.down then
        canary._read_the_other(node, key, gateway, deadline, found)
    end
    return found
end

local function path_of(node, gateway, place)
    return '/' .. BUCKET .. '/' .. gateway .. '/' .. node.name .. (place > 0 and '-' .. place or '')
end

-- What a write that hangs has locked can neither be read nor written until it ends: the next one goes elsewhere, but not
-- where the last one is that has been read.
local function next_place(node)
    local place = (node.place + 1) % PLACES
    return place == node.written and (place + 1) % PLACES or place
end

local function signed(socket, method, node, key, path, body)
    local host = node.address .. ':' .. node.port
    return ask(socket, method, path, signature.headers(key, method, host, path, body, ngx.time()), body)
end

function canary._health(socket, node)
    local status, problem = ask(socket, 'HEAD', HEALTH, {Host = node.address}, '')
    local healthy = status == 200
    return {
        writes = healthy,
        reads = healthy,
        down = not status,
        why = not healthy and ('health: ' .. (status or problem)) or nil,
    }
end

-- `place` is where it was written last, `written` where it was read back.
function canary._write_and_read(socket, node, key, gateway)
    node.place = next_place(node)
    local path = path_of(node, gateway, node.place)
    local data = string.rep(string.format('%s %d %f\n', node.name, ngx.worker.pid(), ngx.now()), 64):sub(1, SIZE)
    local status, told = signed(socket, 'PUT', node, key, path, data)
    if not status then
        return {writes = false, reads = false, down = true, silent = told == 'timeout', why = 'write: ' .. told}
    end
    -- Full drives (507) are the clients' to be told: they may delete.
    local wrote, takes = status == 200, status == 200 or status == 507
    local why = not takes and 'write: ' .. status .. ' ' .. (told:match('<Code>(%w+)</Code>') or '') or nil
    -- Nor is a bucket that somebody has removed the node's fault.
    local refused = status == 403 or status == 404
    status, told = signed(socket, 'GET', node, key, wrote and path or path_of(node, gateway, node.written), '')
    -- What cannot be written now was written before, perhaps by another node.
    local read = status == 200 and (not wrote or told == data)
    if read and wrote then
        node.written = node.place
    end
    if not read and not why then
        why = 'read: ' .. (status == 200 and 'other bytes' or status or told)
    end
    local silent = not status and told == 'timeout'
    return {
        writes = takes and read,
        reads = read,
        down = not status and not silent,
        silent = silent,
        refused = refused,
        why = why,
    }
end

-- A write that gets no answer says nothing of reads: a peer or a drive may hang that they do not need.
function canary._read_the_other(node, key, gateway, deadline, found)
    local socket = ngx.socket.tcp()
    socket:settimeouts(deadline, deadline, deadline)
    if not socket:connect(node.address, node.port) then
        return
    end
    local status = signed(socket, 'GET', node, key, path_of(node, gateway, node.written), '')
    socket:close()
    found.reads, found.down = status == 200, not status
end

return canary
