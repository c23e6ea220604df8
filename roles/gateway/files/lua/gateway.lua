-- The phases of a request at the gateway, and what an operator can ask it (docs/gateway.md).
local balancer = require('ngx.balancer')
local cjson = require('cjson.safe')
local nodes = require('nodes')
local pause = require('pause')
local refusal = require('refusal')
local requests = require('requests')

-- Bodies that are kept in memory until a node has answered, so that another one can be asked: always, and as long as a
-- node is young. Bytes.
local SMALL, LARGER = 1048576, 16777216
-- Seconds before a request that was refused asks again, how much longer it waits each time, and how often it may: nginx
-- ends the eleventh internal redirect with a 500. In all that is about the 30 s for which requests wait anyway.
local AGAIN, LONGER, TIMES = 0.15, 1.7, 9
-- What nginx's balancer says where no server is left (NGX_BUSY): 502, and so @again. A status would become a 500.
local NOBODY = -3
local get_seconds, write_seconds

local gateway = {}

function gateway.configure(options)
    nodes.configure(options)
    pause.configure(options)
    get_seconds, write_seconds = options.get_seconds, options.write_seconds
end

function gateway.start_worker()
    nodes.watch_all()
end

-- In the words of S3, because a client that gets anything else does not know whether it may try again.
local function answer(status, code, message)
    ngx.status = status
    ngx.header['Content-Type'] = 'application/xml'
    ngx.print('<Error><Code>', code, '</Code><Message>', message, '</Message></Error>')
    ngx.exit(status)
end

-- Whether the request can be sent once more: it has no body, or one that is in memory.
local function keep_body()
    local length = tonumber(ngx.var.http_content_length) or 0
    if ngx.var.http_transfer_encoding then
        return false
    end
    if length > 0 and length <= (nodes.any_young() and LARGER or SMALL) then
        ngx.req.read_body()
        return true
    end
    return length == 0
end

-- A presigned URL is a secret: the log gets the names of its query parameters, not their values.
local function query_names()
    local names = {}
    for name in pairs(ngx.req.get_uri_args(0)) do
        names[#names + 1] = name
    end
    table.sort(names)
    return table.concat(names, '&')
end

local function writes()
    return not requests.READS[ngx.req.get_method()]
end

-- Whether it reads an object, which may be asked of another node, and how long it may hear nothing. LIST, POST and copies
-- may take their time, and so may what an operator follows.
local function expects()
    local method, bucket = ngx.req.get_method(), ngx.var.uri:match('^/+([^/]+)/+[^/]')
    if not bucket or bucket == 'minio' then
        return false, nil
    elseif method == 'GET' or method == 'HEAD' then
        return true, get_seconds
    elseif method == 'DELETE' or (method == 'PUT' and not ngx.var.http_x_amz_copy_source) then
        return false, write_seconds
    end
    return false, nil
end

-- What is remembered of a request is in nginx's variables: a context does not outlive the way to another location.

local function leave_node()
    local node = nodes.by_name[ngx.var.asked_node]
    if node then
        nodes.finish(node)
    end
    ngx.var.asked_node = ''
    return node
end

local function let_in()
    local problem, seconds = pause.wait(writes())
    if seconds > 0 then
        local waited = (tonumber(ngx.var.held_seconds) or 0) + seconds
        ngx.var.held_seconds = string.format('%.3f', waited)
        pause.remember(waited)
    end
    if problem then
        return answer(503, 'SlowDown', problem)
    end
end

-- `closed` and `named_node` are what nginx's maps say of this client: why it may not come in, and which node it names.
function gateway.access()
    local why = ngx.var.closed
    if why == '' then
        why = refusal.of_this_request()
    end
    if why then
        ngx.var.refusal = why
        return answer(403, 'AccessDenied', 'Refused by the gateway: ' .. why)
    end
    if ngx.var.named_node ~= '' then
        return ngx.exec('@named')
    end
    let_in()
    if keep_body() then
        ngx.var.repeatable = 'yes'
    end
end

-- A node that was named is asked as it is: admitted or not, and only once.
function gateway.named()
    ngx.ctx.named = nodes.by_name[ngx.var.named_node]
end

-- Every node that was asked has refused (503), or is gone (502). Once more, as soon as a node is admitted. What may have
-- been done already, and must not be done twice, is not sent again: a POST whose connection broke.
function gateway.again()
    local node = leave_node()
    if node then
        nodes.note(node, 'suspect', true)
    end
    local status = (ngx.var.upstream_status or ''):match('%d+$')
    -- A write that got no answer may yet be done, and would then undo what was written since.
    if status == '504' and not expects() then
        return answer(503, 'ServiceUnavailable', 'The node gave no answer')
    end
    local refused = status == '503'
    local safe = ngx.var.repeatable == 'yes' and (refused or ngx.req.get_method() ~= 'POST')
    local times = tonumber(ngx.var.times_again)
    if not safe or times >= TIMES or ngx.now() - ngx.req.start_time() > pause.patience then
        return answer(503, 'SlowDown', refused and 'a node has refused it' or 'a node was lost while it served this')
    end
    requests.note('held')
    ngx.var.times_again = times + 1
    -- Until its canary has said what it is worth.
    ngx.sleep(AGAIN * LONGER ^ times)
    let_in()
end

-- Called once more for each node that is asked after another one has failed.
function gateway.balance()
    local context = ngx.ctx
    context.tried = context.tried or {}
    local failed = leave_node()
    if failed then
        nodes.note(failed, 'suspect', true)
        context.tried[failed.name] = true
    end
    local node, others = context.named, 0
    if not node then
        node, others = nodes.choose(writes(), context.tried)
    end
    if not node then
        return ngx.exit(NOBODY)
    end
    if not failed and others > 0 then
        balancer.set_more_tries(math.min(others, 2))
    end
    ngx.var.asked_node = node.name
    nodes.begin(node)
    requests.note('served', node.name)
    local _, seconds = expects()
    if seconds and not context.named then
        balancer.set_timeouts(nil, nil, seconds)
    end
    local set, problem = balancer.set_current_peer(node.address, node.port)
    if not set then
        ngx.log(ngx.ERR, 'cannot ask ', node.name, ': ', problem)
        return ngx.exit(500)
    end
end

function gateway.log()
    local node = leave_node()
    -- Whoever has just failed is looked at now, and not at the next turn.
    if node and ngx.status >= 502 then
        nodes.note(node, 'suspect', true)
    end
    requests.forget()
    if ngx.var.is_args == '?' then
        ngx.var.query_names = query_names()
    end
end

-- What operators ask, by a socket that only they can open.

local function say(status, content)
    ngx.status = status
    ngx.header['Content-Type'] = 'application/json'
    ngx.print(cjson.encode(content), '\n')
end

-- An empty table would be an object.
local function list(items)
    return #items > 0 and items or nil
end

local function state()
    local known, found = ngx.shared.gateway, {}
    for _, node in ipairs(nodes.all) do
        found[#found + 1] = {
            name = node.name,
            writes = nodes.admits(node, true) and true or false,
            reads = nodes.admits(node, false) and true or false,
            drained = nodes.is(node, 'drained') and true or false,
            -- Since it was admitted for everything.
            seconds = nodes.admits(node, true) and ngx.now() - nodes.is(node, 'since') or nil,
            why = nodes.is(node, 'why'),
        }
    end
    return {
        nodes = found,
        key = known:get('key') or 'none',
        hold = known:get('hold') or cjson.null,
        hold_seconds = known:get('hold began') and ngx.now() - known:get('hold began') or known:get('hold lasted'),
        hold_ended = known:get('hold ended'),
        -- Of the request that waited longest since the last release.
        waited_seconds = known:get('longest wait') or 0,
        held = list(requests.list('held')),
        served = list(requests.list('served')),
    }
end

local ACTIONS = {
    state = function() return true end,
    hold = function(options) return pause.hold(options) end,
    release = function()
        pause.release('asked for')
        return true
    end,
    drain = function(options) return pause.drain(options.node, options) end,
    admit = function(options)
        pause.admit(options.node)
        return true
    end,
}

function gateway.control()
    local given = ngx.req.get_uri_args()
    local options = {
        seconds = tonumber(given.seconds) or 60,
        drain = tonumber(given.drain) or 60,
        cut = given.cut == 'true',
        restart = given.restart == 'true',
        node = nodes.by_name[given.node or ''],
    }
    local name = ngx.var.uri:sub(2)
    local action = ACTIONS[name]
    if not action or (not options.node and (name == 'drain' or name == 'admit')) then
        return say(404, {error = 'expected /state, /hold, /release, or /drain and /admit with ?node='})
    end
    if name ~= 'state' and ngx.req.get_method() ~= 'POST' then
        return say(405, {error = 'this changes something: POST it'})
    end
    local done, left = action(options)
    local told = state()
    told.left = list(left or {})
    return say(done and 200 or 409, told)
end

return gateway
