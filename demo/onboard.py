"""`make demo`: onboards the demo organization on the embedded AWS, twice; the second run must change nothing."""

from __future__ import annotations

from embedded import REPORTS, demo, heading


def main() -> None:
    """Run the demo."""
    report = ("-e", f"account_defaults_report_path={REPORTS / 'onboard.json'}")
    heading("Starting the embedded AWS: one organization, seven member accounts")
    with demo("inventories/demo") as play:
        play.step("The provider's side: shared queues and the dispatcher's target", "shared_services.yml")
        play.step("Onboarding: every account default in every region of every account", "onboard.yml", *report)
        play.step("Onboarding again: nothing is left to do", "onboard.yml", *report, must_not_write=True)
    heading("Done")
    print(f"The last run's summary as data: {REPORTS / 'onboard.json'}")
    print("Accounts, what differs in them and why they skip: inventories/demo/accounts.yml, docs/onboarding.md")


if __name__ == "__main__":
    main()
