//! What every engine of the store must do. Each engine runs the same list, one test per behaviour.

#![cfg(test)]

mod accounts;
mod bed;
#[path = "../support/postgres.rs"]
mod cluster;
mod endpoints;
mod event_types;
mod gone;
mod intake;
mod lanes;
mod lists;
mod orders;
mod postgres;
mod push;
mod recover;
mod removal;
mod replay;
mod settle;
mod sources;
mod sqlite;

/// Makes a test of each behaviour, on one kind of database.
macro_rules! tests {
    ($database:expr; $($module:ident: $($name:ident),+;)+) => {$(
        mod $module {
            $(
                #[tokio::test]
                async fn $name() {
                    crate::bed::run($database, crate::$module::$name).await;
                }
            )+
        }
    )+};
}

/// The whole list, for one engine.
macro_rules! suite {
    ($engine:ident, $database:expr) => {
        mod $engine {
            tests! {
                $database;
                accounts: keys_open_accounts, keys_replace_their_like, keys_are_revoked_by_their_account,
                    a_key_that_is_revoked_makes_no_other, keys_are_limited_and_listed_by_page, the_first_account_is_the_oldest,
                    accounts_are_made_changed_and_listed, a_setting_is_decided_once, writes_are_tried;
                endpoints: are_kept_as_given, are_listed_by_filter_and_page, change_what_is_asked,
                    secrets_are_replaced, secrets_go_when_their_overlap_ends, all_secrets_are_sealed_anew, accounts_are_apart;
                event_types: are_registered_once_and_by_account, keep_every_version, are_listed_by_name;
                push: is_stored_once, tells_a_repeat_from_a_conflict, an_id_that_is_a_key_is_taken,
                    a_late_idempotency_key_stands_for_its_event, stores_so_many_deliveries_at_once_and_no_more, matches_types_prefixes_and_all,
                    matches_tenants_and_profiles, tests_name_their_endpoints,
                    follows_every_change_of_an_endpoint, answers_in_order;
                intake: takes_what_there_is_room_for, stores_what_there_is_no_room_for,
                    knows_the_health_of_an_endpoint, hands_over_before_it_answers,
                    gets_its_room_back_when_nothing_is_stored, is_not_asked_for_what_has_to_wait,
                    gets_what_goes_at_once_without_being_asked;
                settle: each_outcome_has_its_state, of_what_was_only_in_memory_writes_its_row,
                    keeps_every_attempt,
                    counts_no_step_that_it_broke_off, twice_is_once, gives_back_what_was_not_tried,
                    believes_that_it_was_delivered, believes_nothing_else_of_what_is_not_held,
                    disables_and_cancels, an_answer_from_before_a_change_disables_nothing, stores_its_reports, remembers_health;
                lanes: take_what_is_due_and_no_more, keep_to_their_rooms, say_whether_more_is_due,
                    probe_one_at_a_time, hold_back_until_their_moment, a_backlog_costs_others_nothing,
                    end_with_the_delivery_that_reaches_their_bytes, go_on_where_the_last_one_ended,
                    leave_out_tenants, look_at_so_many_of_a_tenant_that_is_left_out;
                orders: of_an_endpoint_send_one_at_a_time, of_a_key_leave_others_free,
                    go_on_after_a_failure, wait_for_a_retry, end_when_they_are_lifted;
                gone: deletion_cancels_and_wipes, a_large_backlog_is_cancelled_at_once_and_swept_later,
                    what_is_being_sent_ends_as_it_ends, pausing_keeps_what_comes,
                    disabling_cancels_and_enabling_starts_anew;
                recover: what_was_in_memory_is_due_again, what_had_a_row_keeps_its_schedule,
                    gives_up_what_kills, leaves_the_living_alone, cancels_for_endpoints_that_are_gone,
                    keeps_orders;
                replay: one_delivery, an_event, all_failed_of_an_endpoint, leaves_out_who_is_gone;
                lists: an_event_shows_its_deliveries, a_delivery_shows_its_attempts,
                    events_by_filter_and_page, deliveries_by_filter_and_page, look_so_far_and_no_farther;
                sources: are_kept_as_given, change_only_as_they_were_read, count_what_happens,
                    keep_the_newest_refusals, are_sealed_anew, know_events_by_their_names;
                removal: prunes_what_has_ended, prunes_records_of_attempts, takes_few_large_events_at_a_time, erases_a_tenant,
                    what_is_erased_does_not_come_back;
            }
        }
    };
}

suite!(sqlite_file, crate::sqlite::File::threads());
suite!(postgres_engine, crate::postgres::Fresh::new());
suite!(sqlite_inline, crate::sqlite::File::inline());
