"""Every built operation and the function that serves it, one line each; `Server` refuses to start if the table differs."""

from api.audit.search import search_audit
from api.binding import Bound, bind, bind_free, bind_hot, bind_steps
from api.chats.bind import bind_chat
from api.chats.list import list_chats
from api.chats.migrate import migrate_chat
from api.chats.unbind import unbind_chat
from api.deliveries.begin import begin_deliveries
from api.deliveries.locate import locate_delivery
from api.deliveries.retry import retry_delivery
from api.deliveries.search import search_deliveries
from api.deliveries.settle import settle_deliveries
from api.demands.assign import assign_demand
from api.demands.close import close_demand
from api.demands.confirm import confirm_demand
from api.demands.count import count_demands
from api.demands.create import create_demand
from api.demands.decline import decline_demand
from api.demands.discard import discard_demand
from api.demands.done import demand_done
from api.demands.feedback import feedback_demand
from api.demands.get import get_demand
from api.demands.merge import merge_demand
from api.demands.next import next_demand
from api.demands.participants.add import add_participant
from api.demands.participants.get import get_participant
from api.demands.participants.list import list_participants
from api.demands.participants.remove import remove_participant
from api.demands.participants.reset_declined import reset_declined
from api.demands.participants.share_contact import share_contact
from api.demands.release import release_demand
from api.demands.reopen import reopen_demand
from api.demands.report import report_demand
from api.demands.search import search_demands
from api.demands.set_urgency import set_urgency
from api.demands.submit import submit_demand
from api.demands.take import take_demand
from api.demands.update import update_demand
from api.facts.retry import retry_fact
from api.facts.search import search_facts
from api.memberships.apply import apply_membership
from api.memberships.approve import approve_membership
from api.memberships.assign import assign_membership
from api.memberships.list import list_memberships
from api.memberships.reject import reject_membership
from api.memberships.unassign import unassign_membership
from api.memberships.update import update_membership
from api.messages.edit import edit_message
from api.messages.note import write_note
from api.messages.react import react_to_message
from api.messages.read import read_messages
from api.messages.search import search_messages
from api.messages.send import send_message
from api.messages.take_back import take_back_message
from api.reports.resolve import resolve_report
from api.reports.search import search_reports
from api.scenarios.count import count_scenarios
from api.scenarios.create import create_scenario
from api.scenarios.get import get_scenario
from api.scenarios.restore import restore_scenario
from api.scenarios.retire import retire_scenario
from api.scenarios.search import search_scenarios
from api.scenarios.update import update_scenario
from api.system.answer import answer
from api.system.health import health
from api.system.ready import ready
from api.users.ban import ban_user
from api.users.bootstrap_admin import bootstrap_admin
from api.users.change_password import change_password
from api.users.count import count_users
from api.users.enter import enter_user
from api.users.enter_guest import enter_guest
from api.users.erase_me import erase_me, erased_before
from api.users.export_me import export_me
from api.users.get import get_user
from api.users.hide_history import hide_history
from api.users.history import get_history
from api.users.link_finish import finish_link
from api.users.link_start import start_link
from api.users.me import get_me
from api.users.restrict import restrict_user
from api.users.resume import resume
from api.users.revoke_session import revoke_session
from api.users.search import search_users
from api.users.sessions import list_sessions
from api.users.set_admin import set_admin
from api.users.set_capacity import set_capacity
from api.users.set_reachable import set_reachable
from api.users.sign_in import sign_in
from api.users.sign_in_telegram import sign_in_telegram
from api.users.sign_out import sign_out
from api.users.sign_up import sign_up
from api.users.totp_confirm import confirm_totp
from api.users.totp_start import start_totp
from api.users.unban import unban_user
from api.users.unmask import unmask_user
from api.users.unrestrict import unrestrict_user
from api.users.update_me import update_me
from contracts.operations import demands as on_demands
from contracts.operations import messages as on_messages
from contracts.operations import scenarios as on_scenarios
from contracts.operations import system as on_system
from contracts.operations import users as on_users

HANDLERS: tuple[Bound, ...] = (
    bind(on_users.USERS_ENTER, enter_user),
    bind_steps(on_users.USERS_ENTER_GUEST, enter_guest),
    bind_steps(on_users.USERS_RESUME, resume),
    bind_steps(on_users.USERS_SIGN_UP, sign_up),
    bind_steps(on_users.USERS_SIGN_IN, sign_in),
    bind_steps(on_users.USERS_SIGN_IN_TELEGRAM, sign_in_telegram),
    bind_steps(on_users.USERS_SIGN_OUT, sign_out),
    bind_steps(on_users.USERS_CHANGE_PASSWORD, change_password),
    bind_steps(on_users.USERS_TOTP_START, start_totp),
    bind_steps(on_users.USERS_TOTP_CONFIRM, confirm_totp),
    bind_steps(on_users.USERS_LINK_START, start_link),
    bind_steps(on_users.USERS_LINK_FINISH, finish_link),
    bind_steps(on_users.USERS_SESSIONS, list_sessions),
    bind_steps(on_users.USERS_REVOKE_SESSION, revoke_session),
    bind_hot(on_users.USERS_ME, get_me),
    bind(on_users.USERS_UPDATE_ME, update_me),
    bind(on_users.USERS_BOOTSTRAP_ADMIN, bootstrap_admin),
    bind(on_users.USERS_HIDE_HISTORY, hide_history),
    bind(on_users.USERS_EXPORT_ME, export_me),
    bind_steps(on_users.USERS_ERASE_ME, erase_me, erased_before),
    bind(on_users.USERS_SEARCH, search_users),
    bind(on_users.USERS_COUNT, count_users),
    bind(on_users.USERS_GET, get_user),
    bind(on_users.USERS_HISTORY, get_history),
    bind(on_users.USERS_UNMASK, unmask_user),
    bind(on_users.USERS_BAN, ban_user),
    bind(on_users.USERS_UNBAN, unban_user),
    bind(on_users.USERS_RESTRICT, restrict_user),
    bind(on_users.USERS_UNRESTRICT, unrestrict_user),
    bind(on_users.USERS_SET_ADMIN, set_admin),
    bind(on_users.USERS_SET_CAPACITY, set_capacity),
    bind(on_users.USERS_SET_REACHABLE, set_reachable),
    bind(on_scenarios.SCENARIOS_SEARCH, search_scenarios),
    bind(on_scenarios.SCENARIOS_COUNT, count_scenarios),
    bind(on_scenarios.SCENARIOS_GET, get_scenario),
    bind(on_scenarios.SCENARIOS_CREATE, create_scenario),
    bind(on_scenarios.SCENARIOS_UPDATE, update_scenario),
    bind(on_scenarios.SCENARIOS_RETIRE, retire_scenario),
    bind(on_scenarios.SCENARIOS_RESTORE, restore_scenario),
    bind(on_scenarios.MEMBERSHIPS_APPLY, apply_membership),
    bind(on_scenarios.MEMBERSHIPS_APPROVE, approve_membership),
    bind(on_scenarios.MEMBERSHIPS_ASSIGN, assign_membership),
    bind(on_scenarios.MEMBERSHIPS_LIST, list_memberships),
    bind(on_scenarios.MEMBERSHIPS_REJECT, reject_membership),
    bind(on_scenarios.MEMBERSHIPS_UNASSIGN, unassign_membership),
    bind(on_scenarios.MEMBERSHIPS_UPDATE, update_membership),
    bind(on_scenarios.CHATS_BIND, bind_chat),
    bind(on_scenarios.CHATS_UNBIND, unbind_chat),
    bind(on_scenarios.CHATS_MIGRATE, migrate_chat),
    bind(on_scenarios.CHATS_LIST, list_chats),
    bind_hot(on_demands.DEMANDS_CREATE, create_demand),
    bind(on_demands.DEMANDS_GET, get_demand),
    bind(on_demands.DEMANDS_SEARCH, search_demands),
    bind_hot(on_demands.DEMANDS_NEXT, next_demand),
    bind_hot(on_demands.DEMANDS_TAKE, take_demand),
    bind(on_demands.DEMANDS_DECLINE, decline_demand),
    bind(on_demands.DEMANDS_CLOSE, close_demand),
    bind(on_demands.DEMANDS_ASSIGN, assign_demand),
    bind(on_demands.DEMANDS_CONFIRM, confirm_demand),
    bind(on_demands.DEMANDS_COUNT, count_demands),
    bind(on_demands.DEMANDS_DISCARD, discard_demand),
    bind(on_demands.DEMANDS_DONE, demand_done),
    bind(on_demands.DEMANDS_FEEDBACK, feedback_demand),
    bind(on_demands.DEMANDS_MERGE, merge_demand),
    bind(on_demands.DEMANDS_RELEASE, release_demand),
    bind(on_demands.DEMANDS_REOPEN, reopen_demand),
    bind(on_demands.DEMANDS_REPORT, report_demand),
    bind(on_demands.DEMANDS_SET_URGENCY, set_urgency),
    bind(on_demands.DEMANDS_SUBMIT, submit_demand),
    bind(on_demands.DEMANDS_UPDATE, update_demand),
    bind(on_demands.REPORTS_SEARCH, search_reports),
    bind(on_demands.REPORTS_RESOLVE, resolve_report),
    bind(on_demands.PARTICIPANTS_GET, get_participant),
    bind(on_demands.PARTICIPANTS_LIST, list_participants),
    bind(on_demands.PARTICIPANTS_ADD, add_participant),
    bind(on_demands.PARTICIPANTS_REMOVE, remove_participant),
    bind(on_demands.PARTICIPANTS_RESET_DECLINED, reset_declined),
    bind(on_demands.PARTICIPANTS_SHARE_CONTACT, share_contact),
    bind_hot(on_messages.MESSAGES_SEND, send_message),
    bind(on_messages.MESSAGES_EDIT, edit_message),
    bind(on_messages.MESSAGES_TAKE_BACK, take_back_message),
    bind(on_messages.MESSAGES_REACT, react_to_message),
    bind(on_messages.MESSAGES_READ, read_messages),
    bind(on_messages.MESSAGES_NOTE, write_note),
    bind(on_messages.MESSAGES_SEARCH, search_messages),
    bind_hot(on_messages.DELIVERIES_BEGIN, begin_deliveries),
    bind_hot(on_messages.DELIVERIES_SETTLE, settle_deliveries),
    bind(on_messages.DELIVERIES_LOCATE, locate_delivery),
    bind(on_messages.DELIVERIES_SEARCH, search_deliveries),
    bind(on_messages.DELIVERIES_RETRY, retry_delivery),
    bind_free(on_system.SYSTEM_HEALTH, health),
    bind(on_system.SYSTEM_READY, ready),
    bind(on_system.SYSTEM_ANSWER, answer),
    bind(on_system.AUDIT_SEARCH, search_audit),
    bind(on_system.FACTS_SEARCH, search_facts),
    bind(on_system.FACTS_RETRY, retry_fact),
)
