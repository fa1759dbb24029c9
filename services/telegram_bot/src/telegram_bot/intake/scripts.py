"""What Redis does for an update in one go: half the work here of as many commands in a pipeline (measured)."""

from typing import Final

# Keys: the list of copies, and of each update its mark, what its chat waits for, and its copy. Arguments: the seconds it is kept,
# when it is overdue; and of each update its id, and as it came. Returns for each whether it was not handled before.
EXPECTED: Final = """
    local fresh = {}
    for at = 1, (#KEYS - 1) / 3 do
      local id = ARGV[2 * at + 1]
      if redis.call('EXISTS', KEYS[3 * at - 1]) == 1 then
        fresh[at] = 0
      else
        fresh[at] = 1
        redis.call('ZADD', KEYS[3 * at], id, id)
        redis.call('EXPIRE', KEYS[3 * at], ARGV[1])
        redis.call('SET', KEYS[3 * at + 1], ARGV[2 * at + 2], 'EX', ARGV[1])
        redis.call('ZADD', KEYS[1], 'NX', ARGV[2], id)
      end
    end
    return fresh
"""

# Keys: what chats heard last. Arguments: the seconds it is kept, and of each chat what it heard.
HEARD: Final = """
    for at, key in ipairs(KEYS) do redis.call('SET', key, ARGV[at + 1], 'EX', ARGV[1]) end
"""

# Keys: the answers to an update, and what its chat heard last. Arguments: how the decision begins among the answers, the seconds
# they are kept, what the chat heard as far as Redis does not know it yet; the conversation found, empty for none, and the others
# that raise no doubt when they were heard. Returns the conversation, empty when it is in doubt, the same each time.
DECIDED: Final = """
    for _, noted in ipairs(redis.call('SMEMBERS', KEYS[1])) do
      if string.sub(noted, 1, #ARGV[1]) == ARGV[1] then return string.sub(noted, #ARGV[1] + 1) end
    end
    local heard = ARGV[3] ~= '' and ARGV[3] or redis.call('GET', KEYS[2])
    local is_doubted = heard and true or false
    for at = 4, #ARGV do
      if heard and ARGV[at] == string.match(heard, '^[^@]*') then is_doubted = false end
    end
    local found = is_doubted and '' or ARGV[4]
    redis.call('SADD', KEYS[1], ARGV[1] .. found)
    redis.call('EXPIRE', KEYS[1], ARGV[2])
    return found
"""

# Keys: the answers to an update. Arguments: how the value begins among the answers, the seconds they are kept, and the value.
# Returns the value as it was noted first.
ONCE: Final = """
    for _, noted in ipairs(redis.call('SMEMBERS', KEYS[1])) do
      if string.sub(noted, 1, #ARGV[1]) == ARGV[1] then return string.sub(noted, #ARGV[1] + 1) end
    end
    redis.call('SADD', KEYS[1], ARGV[1] .. ARGV[3])
    redis.call('EXPIRE', KEYS[1], ARGV[2])
    return ARGV[3]
"""

# Keys: the mark of the update, what its chat waits for, its chat's step, who works on the chat, and the person's haste.
# Arguments: the update, as what it is retried, the beginning of every mark; who asks, for how many ms the chat is theirs;
# when it was written, empty for what is not counted, the seconds from one to the next, how many come at once, and the longest
# delay. Telegram repeats what was handled: noted as waiting a second time it will not come again.
OPENED: Final = """
    local handled = redis.call('GET', KEYS[1])
    if handled and (ARGV[2] == '' or handled == ARGV[2]) then return {'handled', false} end
    local owner = redis.call('GET', KEYS[4])
    if owner and owner ~= ARGV[4] then return {'elsewhere', false} end
    redis.call('SET', KEYS[4], ARGV[4], 'PX', ARGV[5])
    while true do
      local first = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
      if not first or tonumber(first) >= tonumber(ARGV[1]) then break end
      if redis.call('EXISTS', ARGV[3] .. first) == 0 then return {'later', first} end
      redis.call('ZREM', KEYS[2], first)
    end
    local step = redis.call('GET', KEYS[3])
    if ARGV[6] == '' then return {'open', step, '0'} end
    local at, apart, most = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[9])
    local spent, closed, by = unpack(redis.call('HMGET', KEYS[5], 'spent', 'closed', 'by'))
    if closed and at < tonumber(closed) then return {by == ARGV[1] and 'refused_first' or 'refused', step, '0'} end
    spent = math.max(tonumber(spent or '0'), at) + apart
    local wait = spent - apart * tonumber(ARGV[8]) - at
    if wait > most then
      redis.call('HSET', KEYS[5], 'closed', string.format('%.3f', at + most), 'by', ARGV[1])
      redis.call('PEXPIRE', KEYS[5], math.ceil(2000 * (most + apart * tonumber(ARGV[8]))))
      return {'refused_first', step, '0'}
    end
    redis.call('HSET', KEYS[5], 'spent', string.format('%.3f', spent))
    redis.call('PEXPIRE', KEYS[5], math.ceil(2000 * (most + apart * tonumber(ARGV[8]))))
    return {'open', step, string.format('%.3f', math.max(wait, 0))}
"""

# Keys: the mark, what the chat waits for, the copy, the answers, the list of copies, who works on the chat, and the step if it
# is to be written. Arguments: the mark, the seconds it is kept, the update; the step, empty for none, the seconds it is kept;
# and who commits. Returns what the chat waits for next; when that is nothing, the chat is anybody's again.
#
# Who was taken for dead meanwhile, and only slept, finds the mark: the other's step stands. What was put aside, and has no
# step, keeps its answers: an operator may put it back, and what it did before is done under the same keys.
COMMITTED: Final = """
    if redis.call('GET', KEYS[1]) ~= ARGV[1] then
      redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
      if KEYS[7] and ARGV[4] == '' then redis.call('DEL', KEYS[7]) end
      if KEYS[7] and ARGV[4] ~= '' then redis.call('SET', KEYS[7], ARGV[4], 'EX', ARGV[5]) end
    end
    redis.call('ZREM', KEYS[2], ARGV[3])
    redis.call('DEL', KEYS[3])
    if KEYS[7] then redis.call('DEL', KEYS[4]) end
    redis.call('ZREM', KEYS[5], ARGV[3])
    local next = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
    if not next and redis.call('GET', KEYS[6]) == ARGV[6] then redis.call('DEL', KEYS[6]) end
    return next
"""

# Keys: who works on each of some chats. Arguments: who asks, and for how many ms more the chats are theirs; 0 gives them up.
OWNED: Final = """
    for _, chat in ipairs(KEYS) do
      if redis.call('GET', chat) == ARGV[1] then redis.call('PEXPIRE', chat, ARGV[2]) end
    end
"""
