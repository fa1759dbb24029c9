-- What a scenario asks of those who ask for help in it.
ALTER TABLE scenarios ADD COLUMN phone_required boolean NOT NULL DEFAULT false;
