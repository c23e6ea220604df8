-- Holding new requests and waiting for those in flight, for a restart that no client notices. A hold is a lease: whoever
-- asked for it may vanish.
local nodes = require('nodes')
local requests = require('requests')

-- How often somebody who waits looks again, and what counts as a request that takes long: seconds.
local TICK, LONG = 0.02, 1
-- The longest lease that anybody gets.
local LONGEST = 300

local pause = {}
local known = ngx.shared.gateway
local most_held

function pause.configure(options)
    pause.patience, most_held = options.hold_seconds, options.hold_requests
end

-- Nodes that were down since a hold began, and are admitted again, end it.
local function is_over(hold)
    if hold ~= 'restart' then
        return false
    end
    for _, node in ipairs(nodes.all) do
        if nodes.admits(node, true) then
            return true
        end
    end
    return false
end

local function finish(why)
    local began = known:get('hold began')
    known:delete('hold')
    if began then
        known:set('hold lasted', ngx.now() - began)
        known:set('hold ended', why)
        known:delete('hold began')
    end
end

local function is_held()
    local hold = known:get('hold')
    if hold and is_over(hold) then
        finish('a node was admitted')
        return false
    end
    return hold ~= nil
end

-- Return when a request may go on, or say why it cannot: everything waits, or there is nobody to ask.
function pause.wait(writes)
    local start, counted, problem = ngx.now(), false, nil
    while is_held() or not nodes.choose(writes, {}) do
        if not counted then
            counted = true
            if known:incr('held', 1, 0, LONGEST) > most_held then
                problem = 'too many requests wait for a node'
                break
            end
            requests.note('held')
        end
        -- Counted from when the trouble began, so that not every client waits that long for nothing.
        local since = known:get('nobody ' .. tostring(writes))
        if not since then
            known:add('nobody ' .. tostring(writes), start)
            since = start
        end
        if ngx.now() - math.max(since, start - pause.patience) >= pause.patience then
            problem = 'no node ' .. (writes and 'takes writes' or 'serves') .. ' at present'
            break
        end
        ngx.sleep(TICK)
    end
    if counted then
        known:incr('held', -1)
    end
    if not problem then
        known:delete('nobody ' .. tostring(writes))
    end
    return problem, ngx.now() - start
end

-- What would not outlive the loss of a node: what it serves itself; and what began before another one was down, because
-- the drives of that one are lost to it. A write outlives one such loss, and a read two.
local function in_the_way(node)
    local since, found = {}, {}
    for _, other in ipairs(nodes.all) do
        if other ~= node then
            since[#since + 1] = nodes.is(other, 'since') or ngx.now()
        end
    end
    table.sort(since, function(one, other) return one > other end)
    for _, request in ipairs(requests.list('served')) do
        local lost = since[requests.READS[request.method] and 2 or 1] or 0
        if request.node == node.name or ngx.now() - request.seconds < lost then
            found[#found + 1] = request
        end
    end
    return found
end

local function drained(seconds, node, oldest)
    local deadline = ngx.now() + seconds
    local left
    repeat
        left = node and in_the_way(node) or requests.list('served')
        if #left == 0 or (oldest and left[1].seconds < oldest) then
            return true, left
        end
        ngx.sleep(TICK)
    until ngx.now() >= deadline
    return false, left
end

-- Wait for what takes long, then let nothing new through and wait for the rest. Where that takes more than `drain`
-- seconds nothing is held any more, and the answer names what is left; with `cut` it goes on all the same.
function pause.hold(options)
    local deadline = ngx.now() + options.drain
    local lease = math.min(options.seconds, LONGEST)
    local done, left = false, nil
    repeat
        done, left = drained(deadline - ngx.now(), nil, LONG)
        if done or options.cut then
            -- What begins anew while somebody waits is one wait.
            if not known:get('hold') then
                known:set('hold began', ngx.now())
            end
            known:set('hold', 'plain', lease)
            done, left = drained(math.min(3 * LONG, math.max(deadline - ngx.now(), LONG)))
            if not done and not options.cut then
                pause.release('requests take long')
            end
        end
    until done or options.cut or ngx.now() >= deadline
    if (done or options.cut) and options.restart then
        -- In this order: a hold of a restart ends as soon as somebody is admitted.
        nodes.forget_all(lease)
        known:set('hold', 'restart', lease)
    end
    return done or options.cut, left
end

-- Nobody waits any more, and nodes that were not restarted after all count again.
function pause.release(why)
    finish(why)
    nodes.remember_all()
    known:delete('longest wait')
end

-- How long a request has waited that waits no more.
function pause.remember(seconds)
    if seconds > (known:get('longest wait') or 0) then
        known:set('longest wait', seconds)
    end
end

-- Send nothing more to a node, and wait until nobody would miss it.
function pause.drain(node, options)
    local lease = math.min(options.seconds, LONGEST)
    nodes.note(node, 'drained', true, lease)
    local done, left = drained(options.drain, node)
    if done or options.cut then
        nodes.forget(node, lease)
        return true, left
    end
    nodes.note(node, 'drained')
    return false, left
end

-- Send requests to it again. One that was not down meanwhile needs no new proof.
function pause.admit(node)
    nodes.note(node, 'drained')
    nodes.note(node, 'must fall')
end

return pause
