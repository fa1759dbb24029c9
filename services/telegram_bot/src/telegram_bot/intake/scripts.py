"""What Redis does for an update in one go: half the work here of as many commands in a pipeline (measured)."""

from typing import Final

# Keys: the mark of the update, what its chat waits for, its chat's step. Arguments: the update, as what it is retried, and
# the beginning of every mark. Telegram repeats what was handled: noted as waiting a second time it will not come again.
OPENED: Final = """
    local handled = redis.call('GET', KEYS[1])
    if handled and (ARGV[2] == '' or handled == ARGV[2]) then return {'handled', false} end
    while true do
      local first = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
      if not first or tonumber(first) >= tonumber(ARGV[1]) then return {'open', redis.call('GET', KEYS[3])} end
      if redis.call('EXISTS', ARGV[3] .. first) == 0 then return {'later', first} end
      redis.call('ZREM', KEYS[2], first)
    end
"""

# Keys: the mark, what the chat waits for, the copy, the answers, the list of copies, and the step if it is to be written.
# Arguments: the mark, the seconds it is kept, the update; the step, empty for none, and the seconds it is kept.
COMMITTED: Final = """
    redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
    redis.call('ZREM', KEYS[2], ARGV[3])
    redis.call('DEL', KEYS[3], KEYS[4])
    redis.call('ZREM', KEYS[5], ARGV[3])
    if not KEYS[6] then return end
    if ARGV[4] == '' then redis.call('DEL', KEYS[6]) else redis.call('SET', KEYS[6], ARGV[4], 'EX', ARGV[5]) end
"""
