-- Which nodes are admitted, for what, and whose turn it is. What all workers know is in the dictionary `gateway`.
local canary = require('canary')

-- Seconds between canaries: while a node has to prove itself and just afterwards, and in quiet times.
local SOON, LATER = 0.1, 2
-- Canaries in a row before a node gets anything, and how long it counts as young then. What passes once may refuse a
-- second later, and the 15 s after which peers try again are over.
local PASSES, YOUTH = 5, 30
-- Reads that fail in a row before the last node that reads is given up.
local MISSES = 3
-- A canary that takes longer has failed. A node that was admitted and says nothing may wait for a peer that has vanished,
-- for some seconds (tcp_syn_retries of its container), and knows only then: its canaries have longer, or it would never learn.
local DEADLINE, PATIENCE = 2000, 9000
-- After this long without anybody who writes, a node that has been read for as long will do: by then it knows its peers.
-- And after this long without any key that is taken, one that says it is healthy.
local LAST_RESORT = 30

local nodes = {all = {}, by_name = {}}
local known = ngx.shared.gateway
-- Requests of this worker at each node.
local busy = {}
-- Where looking for the least busy begins: of those that are equally busy it is another one each time.
local turn = 0
local key_file, gateway_name

function nodes.configure(options)
    key_file, gateway_name = options.key_file, options.name
    nodes.all = options.nodes
    for _, node in ipairs(nodes.all) do
        nodes.by_name[node.name] = node
        -- Asked for twice by each request.
        node.keys = {[true] = node.name .. ' writes', [false] = node.name .. ' reads', drained = node.name .. ' drained'}
        node.place, node.written = 0, 0
        busy[node.name] = 0
    end
end

local function is(node, what)
    return known:get(node.name .. ' ' .. what)
end

local function note(node, what, value, seconds)
    if value == nil then
        known:delete(node.name .. ' ' .. what)
    else
        known:set(node.name .. ' ' .. what, value, seconds or 0)
    end
end

nodes.is, nodes.note = is, note

-- Whether it may be asked: to write, or only to read.
function nodes.admits(node, writes)
    return known:get(node.keys[writes]) and not known:get(node.keys.drained)
end

-- The least busy of those that are admitted and not in `tried`; nil where there is none. Young ones may each have found
-- other peers than the others have, so that one denies what another has just written: they come last, the eldest first.
function nodes.choose(writes, tried)
    local best, rank, others = nil, nil, 0
    local is_any_young = nodes.any_young()
    for offset = 1, #nodes.all do
        local node = nodes.all[(turn + offset) % #nodes.all + 1]
        if not tried[node.name] and nodes.admits(node, writes) then
            others = others + 1
            local youth = is_any_young and is(node, 'young') and is(node, 'since') or 0
            if not best or youth < rank or (youth == rank and busy[node.name] < busy[best.name]) then
                best, rank = node, youth
            end
        end
    end
    return best, others - 1
end

function nodes.begin(node)
    busy[node.name] = busy[node.name] + 1
    turn = turn + 1
end

function nodes.finish(node)
    busy[node.name] = busy[node.name] - 1
end

-- Whether any node has been admitted so lately that it may yet refuse.
function nodes.any_young()
    return known:get('young') ~= nil
end

-- From now on, for so many seconds, it is not admitted unless it has been down.
function nodes.forget(node, seconds)
    note(node, 'must fall', true, seconds)
    note(node, 'reads')
    note(node, 'writes')
    note(node, 'passes')
end

function nodes.forget_all(seconds)
    for _, node in ipairs(nodes.all) do
        nodes.forget(node, seconds)
    end
end

function nodes.remember_all()
    for _, node in ipairs(nodes.all) do
        note(node, 'must fall')
    end
end

-- Where only one is left that reads, it is given up when it is gone or has failed thrice: slow is better than nothing.
local function is_last_reader(node, found)
    if (found.down and not found.silent) or is(node, 'misses') >= MISSES then
        return false
    end
    for _, other in ipairs(nodes.all) do
        if other ~= node and nodes.admits(other, false) then
            return false
        end
    end
    return true
end

local function shut_out(node, found)
    note(node, 'passes')
    note(node, 'why', found.why)
    if found.silent and is(node, 'writes') then
        note(node, 'patience', PATIENCE)
    elseif found.down and not found.silent then
        note(node, 'patience')
    end
    note(node, 'writes')
    -- A node that only cannot write any more still reads right; one that has just come may not.
    note(node, 'misses', not found.reads and (is(node, 'misses') or 0) + 1 or nil)
    if is(node, 'young') or (not found.reads and not is_last_reader(node, found)) then
        note(node, 'reads')
    end
    if found.down then
        note(node, 'must fall')
    end
end

local function admit(node)
    if not is(node, 'writes') then
        note(node, 'since', ngx.now())
        note(node, 'young', true, YOUTH)
        known:set('young', true, YOUTH)
    end
    note(node, 'reads', true)
    note(node, 'writes', true)
    note(node, 'why')
    note(node, 'patience')
    -- The next trouble is another one, also if nobody has asked for anything in between.
    known:delete('nobody true')
    known:delete('nobody false')
    known:set('somebody writes', true, LAST_RESORT)
end

local function judge(node, found)
    if not found.reads then
        note(node, 'read since')
    elseif not is(node, 'read since') then
        note(node, 'read since', ngx.now())
    end
    if not found.writes then
        shut_out(node, found)
        -- Nobody writes, and has not for long: better read than nothing. Earlier, a node that has just started would deny
        -- what exists, and have what was deleted.
        local since = is(node, 'read since')
        if since and ngx.now() - since > LAST_RESORT and not known:get('somebody writes') and not is(node, 'must fall') then
            note(node, 'reads', true)
        end
        return
    end
    if is(node, 'must fall') then
        return
    end
    local passes = (is(node, 'passes') or 0) + 1
    note(node, 'passes', passes)
    if passes >= PASSES then
        admit(node)
    end
end

-- A key that every node refuses is no reason to close the store.
local function usable_key()
    local key = canary.key(key_file)
    if key and known:get('refused ' .. key.access_key) and not known:get('accepted ' .. key.access_key) then
        return nil
    end
    return key
end

local function remember(key, found)
    if key and found.refused then
        -- For half as long again it is not tried at all.
        if not known:get('doubted ' .. key.access_key) then
            known:set('doubted ' .. key.access_key, ngx.now())
        elseif ngx.now() - known:get('doubted ' .. key.access_key) > LAST_RESORT then
            known:set('refused ' .. key.access_key, true, LAST_RESORT / 2)
        end
    elseif key and not found.down then
        known:delete('doubted ' .. key.access_key)
        known:set('accepted ' .. key.access_key, true, LAST_RESORT)
    end
end

local function watch(premature, node, due)
    if premature or ngx.worker.exiting() then
        return
    end
    local now = ngx.now()
    if now >= due or is(node, 'suspect') then
        note(node, 'suspect')
        local key = usable_key()
        local found = canary.prove(node, key, gateway_name, DEADLINE, is(node, 'patience') or DEADLINE)
        known:set('key', key and 'works' or 'none')
        remember(key, found)
        local before = is(node, 'writes')
        judge(node, found)
        if (before and true) ~= (is(node, 'writes') and true) then
            -- Not as a warning: nginx's own warnings repeat what clients ask, signatures and all.
            local what = before and 'is shut out: ' .. (found.why or '') or 'is admitted'
            io.stderr:write(string.format('%s %.3f gateway: %s %s\n', ngx.utctime(), ngx.now(), node.name, what))
            io.stderr:flush()
        end
        due = ngx.now() + ((is(node, 'writes') and not is(node, 'young')) and LATER or SOON)
    end
    local again, problem = ngx.timer.at(SOON, watch, node, due)
    if not again and not ngx.worker.exiting() then
        ngx.log(ngx.ERR, 'no more canaries for ', node.name, ': ', problem)
    end
end

-- One worker does it for all.
function nodes.watch_all()
    if ngx.worker.id() == 0 then
        known:add('somebody writes', true, LAST_RESORT)
        for _, node in ipairs(nodes.all) do
            ngx.timer.at(0, watch, node, 0)
        end
    end
end

return nodes
